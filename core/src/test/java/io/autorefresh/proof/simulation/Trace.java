package io.autorefresh.proof.simulation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What was decided and when, line by line. Kept are a hash of all lines, and those that were not polled. */
final class Trace {

  private final VirtualTime time;
  private final Queue<String> lines = new ArrayDeque<>();
  private final MessageDigest digest;
  private long count;

  Trace(VirtualTime time) {
    this.time = time;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  void add(String what) {
    String line = time.now() + " " + what;
    digest.update(line.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    lines.add(line);
    count++;
  }

  /** Takes out the next line, or null if there is none by now. */
  @Nullable String poll() {
    return lines.poll();
  }

  long count() {
    return count;
  }

  /** The hash of all lines. Ends the trace. */
  String hash() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
