package io.autorefresh.share;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of a cache as a test plays it, with all the other caches: grants every claim, writes down what is
 * published, and passes on what the test says. Its time is the ticker's, in milliseconds.
 */
final class Others implements Exchange {

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

  private final Ticker ticker;
  private final long origin;
  private final List<Entry> published = new CopyOnWriteArrayList<>();
  private volatile Receiver receiver;

  Others(Ticker ticker) {
    this.ticker = ticker;
    this.origin = ticker.read();
  }

  static byte[] bytes(int value) { return Integer.toString(value).getBytes(UTF_8); }

  /** The time by the clock of the exchange. */
  long now() { return 1_000 + (ticker.read() - origin) / 1_000_000; }

  @Override
  public Claims claim(List<Want> wants, Duration lease, Duration deadline) {
    List<Answer> answers = new ArrayList<>();
    wants.forEach(want -> answers.add(new Answer.Ask()));
    return new Claims(now(), answers);
  }

  @Override
  public void publish(List<Entry> entries, Duration timeToLive, Duration deadline) { published.addAll(entries); }

  @Override
  public void subscribe(Receiver receiver) { this.receiver = receiver; }

  @Override
  public void close() {}

  Receiver receiver() { return receiver; }

  /** What was published since this was asked last. */
  List<Entry> takePublished() {
    List<Entry> taken = List.copyOf(published);
    published.clear();
    return taken;
  }

  /** The version of the entry that was published last. */
  long lastVersion() { return published.getLast().version(); }

  // What other caches have found out

  void tell(Entry... entries) { receiver.received(List.of(entries)); }

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
