package io.autorefresh.share;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An exchange whose answers a test sets, and that writes down what it was asked. */
class Script implements Exchange {

  /** A claim as it came. */
  record Asked(long at, List<Want> wants, Duration lease, Duration deadline) {

    List<String> ids() { return wants.stream().map(Want::id).toList(); }
  }

  final List<Asked> claims = new CopyOnWriteArrayList<>();
  final List<Entry> published = new CopyOnWriteArrayList<>();
  volatile Function<Want, Answer> answers = want -> new Answer.Ask();
  /** What happens in each claim before it is answered. */
  volatile Callable<?> onClaim = () -> null;
  volatile Callable<?> onPublish = () -> null;
  volatile Callable<?> onSubscribe = () -> null;
  volatile Callable<?> onClose = () -> null;
  /** How many answers are missing. */
  volatile int missing;
  volatile @Nullable Receiver receiver;
  volatile boolean closed;
  private final Ticker ticker;
  private final long origin;

  Script(Ticker ticker) {
    this.ticker = ticker;
    this.origin = ticker.read();
  }

  long now() { return 1_000 + (ticker.read() - origin) / 1_000_000; }

  @Override
  public Claims claim(List<Want> wants, Duration lease, Duration deadline) throws Exception {
    claims.add(new Asked(now(), wants, lease, deadline));
    onClaim.call();
    List<Answer> list = new ArrayList<>();
    wants.stream().skip(missing).forEach(want -> list.add(answers.apply(want)));
    return new Claims(now(), list);
  }

  @Override
  public void publish(List<Entry> entries, Duration timeToLive, Duration deadline) throws Exception {
    onPublish.call();
    published.addAll(entries);
  }

  @Override
  public void subscribe(Receiver receiver) throws Exception {
    onSubscribe.call();
    this.receiver = receiver;
  }

  @Override
  public void close() {
    closed = true;
    try {
      onClose.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was claimed since this was asked last, except pings. */
  List<Asked> takeClaims() {
    List<Asked> taken = claims.stream().filter(asked -> !asked.wants().isEmpty()).toList();
    claims.clear();
    return taken;
  }
}
