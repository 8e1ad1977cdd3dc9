package io.autorefresh.share;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A scripted exchange that also plays the other caches: it passes on the entries that the test makes. */
final class Others extends Script {

  /** Ids are strings, and values numbers. */
  static class Numbers implements Codec<String, Integer> {

    @Override
    public String text(String id) { return id; }

    @Override
    public String id(String text) { return text; }

    @Override
    public byte[] encode(Integer value) { return bytes(value); }

    @Override
    public Integer decode(byte[] bytes) { return Integer.valueOf(new String(bytes, UTF_8)); }
  }

  Others(Ticker ticker) {
    super(ticker);
  }

  static byte[] bytes(int value) { return Integer.toString(value).getBytes(UTF_8); }

  /** What was published since this was asked last. */
  List<Entry> takePublished() {
    List<Entry> taken = List.copyOf(published);
    published.clear();
    return taken;
  }

  Receiver receiver() { return Objects.requireNonNull(receiver); }

  /** The version of the entry that was published last. */
  long lastVersion() { return published.getLast().version(); }

  // What other caches have found out

  void tell(Entry... entries) { receiver().received(List.of(entries)); }

  /** A value as of now. */
  void tellValue(String id, int value) { tell(value(id, value, now())); }

  Entry value(String id, int value, long asOf) {
    return new Entry(id, Kind.UPDATED, asOf, asOf * 1_000, bytes(value), null);
  }

  Entry unchanged(String id, long asOf, long version) {
    return new Entry(id, Kind.UNCHANGED, asOf, version, null, null);
  }

  Entry without(String id, Kind kind, long asOf, @Nullable Duration retryAfter) {
    return new Entry(id, kind, asOf, 0, null, retryAfter);
  }
}
