package io.autorefresh.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries as bytes, big-endian. A record is the kind (1 byte), asOf (6) and version (8); if the kind has 8 added, the
 * delay in milliseconds (4); if it has 16 added, the length of the value (4) and the value. A message is the number of
 * this format (1), the node that published it (8), and for each entry the length of its id (4), the id, and the record.
 * The script that publishes makes messages from records.
 */
final class Format {

  static final int NODE_LENGTH = 8;
  private static final byte NUMBER = 1;
  private static final int DELAYED = 8;
  private static final int WITH_VALUE = 16;
  private static final Kind[] KINDS = {Kind.UPDATED, Kind.UNCHANGED, Kind.DELETED, Kind.FAILED, Kind.PAUSED};
  private static final long MAX_TIME = (1L << 48) - 1;
  /** The greatest number that the scripts can tell from the next one. */
  static final long MAX_VERSION = (1L << 53) - 1;
  private static final Duration MAX_DELAY = Duration.ofHours(1);

  private Format() {}

  /** Appends the record of an entry. */
  static void write(Entry entry, ByteArrayOutputStream out) {
    byte @Nullable [] value = entry.value();
    Duration delay = entry.retryAfter();
    int flags = (delay == null ? 0 : DELAYED) + (value == null ? 0 : WITH_VALUE);
    put(Arrays.asList(KINDS).indexOf(entry.kind()) + flags, 1, out);
    put(limited(entry.asOf(), MAX_TIME), 6, out);
    put(limited(entry.version(), MAX_VERSION), 8, out);
    if (delay != null) {
      put(delay.compareTo(MAX_DELAY) < 0 ? Math.max(0, delay.toMillis()) : MAX_DELAY.toMillis(), 4, out);
    }
    if (value != null) {
      put(value.length, 4, out);
      out.writeBytes(value);
    }
  }

  /** A number that does not fit is from the far future, which scripts and caches refuse. */
  private static long limited(long number, long most) { return number < 0 || number > most ? most : number; }

  static void put(long number, int bytes, ByteArrayOutputStream out) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write((int) (number >>> shift));
    }
  }

  /**
   * Returns the entries of a message, or none if this node has published it.
   *
   * @throws RuntimeException if it is none of this format
   */
  static List<Entry> read(byte[] message, byte[] node) {
    ByteBuffer in = ByteBuffer.wrap(message);
    if (in.get() != NUMBER) {
      throw new IllegalArgumentException("format " + message[0]);
    }
    if (Arrays.equals(bytes(NODE_LENGTH, in), node)) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      String id = new String(bytes(in.getInt(), in), UTF_8);
      int flags = in.get();
      Kind kind = KINDS[flags % DELAYED];
      long asOf = time(in);
      long version = in.getLong();
      Duration delay = (flags & DELAYED) == 0 ? null : Duration.ofMillis(in.getInt() & 0xffff_ffffL);
      byte[] value = (flags & WITH_VALUE) == 0 ? null : bytes(in.getInt(), in);
      entries.add(new Entry(id, kind, asOf, version, value, delay));
    }
    return entries;
  }

  private static long time(ByteBuffer in) { return (in.getShort() & 0xffffL) << 32 | in.getInt() & 0xffff_ffffL; }

  private static byte[] bytes(int length, ByteBuffer in) {
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("a length of " + length);
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
