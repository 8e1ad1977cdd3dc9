package io.autorefresh.internal.share;

import io.autorefresh.Ticker;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.SharedItem;
import io.autorefresh.internal.schedule.Claims;
import io.autorefresh.internal.schedule.Claims.Claimed;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.share.Exchange;
import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Want;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A cache's dealings with its exchange. The owner of the open cycle sends claims and entries, each on a virtual thread
 * of their own, one claim and one list of entries at a time; it looks after their deadlines, and never waits for them.
 *
 * <p>The first claim that fails or is late opens the {@link Breaker}: everything that is claimed is granted at once,
 * and the cache works alone until a ping is answered in time. So an exchange that hangs costs one deadline.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Sharing<K, V> {

  /** What a cache does for this. All methods may be called by any thread. */
  public interface Host {

    /** Makes a virtual thread whose name is that of the cache and a suffix. */
    Thread thread(String suffix, Runnable task);

    /** Has the owner of the open cycle do something, and wakes it. */
    void tell(Runnable report);

    /** Counts and logs an exception. */
    void contain(String callback, Object id, Throwable thrown);

    /** A thread has ended. */
    void ended();
  }

  /** Takes in what other caches have found out. */
  public interface Intake<K, V> extends Exchange.Receiver {

    /** Takes an entry in place of an answer of the remote; returns whether it is not due soon any more. */
    boolean take(Item<K, V> item, Entry entry);
  }

  static final int MOST_WANTS = 1_000;
  static final int MOST_ENTRIES = 65_536;
  private static final long LEAST_DEADLINE = 10_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final int SMOOTHING = 8;

  private final Exchange exchange;
  private final Ticker ticker;
  private final long period;
  private final long longestBackoff;
  private final long deadline;
  private final Fence<K, V> fence;
  private final Host host;
  private final ExchangeClock clock = new ExchangeClock();
  private final Breaker breaker;
  private final AtomicLong callTime = new AtomicLong();
  private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final Queue<TimeoutException> timeouts = new ConcurrentLinkedQueue<>();
  private volatile long timeToLive;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Intake<K, V> intake;
  private volatile boolean subscribed;
  private volatile boolean closed;
  private volatile @Nullable Errand claim;
  private volatile @Nullable Errand publication;
  private final Counts counts = new Counts();

  // Used by owners alone.
  private @Nullable Claims<Item<K, V>> claims;
  private boolean begun;
  private List<Claimed<Item<K, V>>> sent = List.of();

  /** How often something happened. */
  public static final class Counts {

    public final AtomicLong claims = new AtomicLong();
    public final AtomicLong failures = new AtomicLong();
    public final AtomicLong published = new AtomicLong();
    public final AtomicLong dropped = new AtomicLong();

    @Override
    public String toString() {
      return claims + " claims, " + failures + " failures of the exchange, " + published + " entries published, "
          + dropped + " dropped";
    }
  }

  /**
   * Creates what does nothing until it is {@linkplain #start started}.
   *
   * @param period nanoseconds
   * @param longestBackoff how long, at the most, this cache waits for another one's answer
   */
  public Sharing(
      Exchange exchange, Ticker ticker, long period, long longestBackoff, Fence<K, V> fence, Host host) {
    this.exchange = exchange;
    this.ticker = ticker;
    this.period = period;
    this.longestBackoff = longestBackoff;
    this.deadline = Math.clamp(period / 20, LEAST_DEADLINE, SECOND);
    this.fence = fence;
    this.host = host;
    this.breaker = new Breaker(period);
  }

  /** The background starts: from now on the exchange is used. */
  public void start(Intake<K, V> intake) {
    this.intake = intake;
  }

  public ExchangeClock clock() { return clock; }

  /** Returns a number that grows when entries may have been lost. */
  public int epoch() { return breaker.epoch(); }

  /** Whether the exchange is in use. */
  public boolean isInUse() { return clock.isSet() && !breaker.isOpen() && !closed; }

  public Counts counts() { return counts; }

  /** Entries may have been lost. */
  public void interrupted() {
    host.tell(breaker::lose);
  }

  /** Returns how long calls take, in nanoseconds: from when their items are claimed until their answers are here. */
  public long callTime() { return callTime.get(); }

  /** A call took so long. */
  public void observeCall(long nanos) {
    callTime.accumulateAndGet(Math.max(0, nanos),
        (mean, time) -> mean == 0 ? time : mean + (time - mean) / SMOOTHING);
  }

  /** Hands entries to the other caches some time soon, or never while the exchange is out of use. */
  public void publish(List<Entry> list, Duration timeToLive) {
    this.timeToLive = timeToLive.toNanos();
    for (Entry entry : list) {
      if (!isInUse()) {
        counts.dropped.incrementAndGet();
        continue;
      }
      entries.add(entry);
      if (queued.incrementAndGet() > MOST_ENTRIES && poll() != null) {
        counts.dropped.incrementAndGet();
        host.tell(breaker::lose);
      }
    }
    if (publication == null && queued.get() > 0) {
      host.tell(() -> { });
    }
  }

  private @Nullable Entry poll() {
    Entry entry = entries.poll();
    queued.addAndGet(entry == null ? 0 : -1);
    return entry;
  }

  // What owners do, one at a time

  /** Uses these claims. */
  public void use(Claims<Item<K, V>> claims) {
    this.claims = claims;
  }

  /**
   * Does what the time demands.
   *
   * @param stood how much later than asked for the owner woke
   */
  public void look(long now, long stood) {
    if (!isStarted()) {
      return;
    }
    if (!begun) {
      begun = true;
      breaker.begin(now);
      claims().begin();
    }
    TimeoutException late = claim == null ? null : claim.look(now, stood);
    TimeoutException alsoLate = publication == null ? null : publication.look(now, stood);
    if (late != null || alsoLate != null) {
      timeouts.add(late != null ? late : alsoLate);
      fail(now);
    }
  }

  /** The exchange failed: all that is claimed is granted, and what is to be published is dropped. */
  private void fail(long now) {
    counts.failures.incrementAndGet();
    breaker.open();
    breaker.sent(now);
    claims().end(now);
    sent.forEach(claimed -> claims().grant(claimed, Schedule.NEVER, now, Schedule.NEVER));
    sent = List.of();
    while (poll() != null) {
      counts.dropped.incrementAndGet();
    }
  }

  /** Sends what waits. */
  public void send(long now) {
    if (!isStarted()) {
      return;
    }
    boolean waits = !breaker.isOpen() && claims().isWaiting();
    if (claim == null && (waits || breaker.delay(now) == 0)) {
      breaker.sent(now);
      sent = waits ? claims().take(MOST_WANTS) : List.of();
      List<Claimed<Item<K, V>>> things = sent;
      // The first one connects.
      Errand errand = new Errand(now, clock.isSet() ? deadline : Math.max(deadline, Math.min(period, SECOND)));
      claim = errand;
      counts.claims.incrementAndGet();
      start("/claims", errand, () -> claim(errand, things));
    }
    if (publication == null && queued.get() > 0) {
      Errand errand = new Errand(now, deadline);
      publication = errand;
      start("/entries", errand, () -> publish(errand));
    }
  }

  private void start(String suffix, @Nullable Errand errand, Runnable task) {
    Thread thread = host.thread(suffix, () -> {
      try {
        task.run();
      } finally {
        threads.remove(Thread.currentThread());
        host.ended();
      }
    });
    threads.add(thread);
    if (errand != null) {
      errand.give(thread);
    }
    thread.start();
  }

  private boolean isStarted() { return intake != null && !closed; }

  /** Returns how long there is nothing to do if nobody tells; {@link Schedule#NEVER} if there is nothing at all. */
  public long delay(long now) {
    if (!isStarted()) {
      return Schedule.NEVER;
    }
    long delay = claim == null ? breaker.delay(now) : claim.left(now);
    return publication == null ? delay : Math.min(delay, publication.left(now));
  }

  /** Logs what was late; not under a lock. */
  public void logTimeouts() {
    for (TimeoutException late; (late = timeouts.poll()) != null; ) {
      host.contain("the exchange", "a call", late);
    }
  }

  private Claims<Item<K, V>> claims() { return Objects.requireNonNull(claims); }

  // What threads of their own do

  /** What came of a claim. */
  private final class Result {

    final List<Claimed<Item<K, V>>> granted = new ArrayList<>();
    final List<Claimed<Item<K, V>>> again = new ArrayList<>();
    final List<Claimed<Item<K, V>>> released = new ArrayList<>();
    long claimedAt = Schedule.NEVER;
    long grantEnd = Schedule.NEVER;
    boolean failed;
  }

  private void claim(Errand errand, List<Claimed<Item<K, V>>> things) {
    Result result = new Result();
    try {
      if (!subscribed) {
        exchange.subscribe(intake());
        subscribed = true;
      }
      ask(errand, things, result);
    } catch (Throwable t) {
      result.failed = true;
      if (!errand.isLate() && !closed) {
        host.contain("the exchange", "a claim", t);
      }
    } finally {
      errand.finish();
      host.tell(() -> settle(errand, result));
    }
  }

  private void ask(Errand errand, List<Claimed<Item<K, V>>> things, Result result) throws Exception {
    List<Want> wants = new ArrayList<>(things.size());
    List<Claimed<Item<K, V>>> wanted = new ArrayList<>(things.size());
    long asked = ticker.read();
    for (Claimed<Item<K, V>> claimed : things) {
      String text = ((SharedItem<K, V>) claimed.thing()).text();
      if (text == null) {
        result.granted.add(claimed);
      } else {
        wanted.add(claimed);
        wants.add(new Want(text, Duration.ofNanos(claimed.isAgain() ? 0 : maxAge(claimed.thing(), asked))));
      }
    }
    Duration lease = Duration.ofNanos(callTime() + period / 5);
    long sentAt = ticker.read();
    Exchange.Claims claims = exchange.claim(wants, lease, errand.deadline());
    long answeredAt = ticker.read();
    errand.goOn(answeredAt, period / 4);
    if (claims.answers().size() != wants.size()) {
      throw new IllegalStateException(claims.answers().size() + " answers to " + wants.size() + " wants");
    }
    if (!clock.isSet() || !errand.isLate()) {
      clock.tie(sentAt, answeredAt, claims.now());
    }
    result.claimedAt = sentAt;
    result.grantEnd = sentAt + period * 3 / 20;
    for (int i = 0; i < wants.size() && !errand.isLate(); i++) {
      take(wanted.get(i), claims.answers().get(i), result);
    }
  }

  /** Returns how old an answer may be that is taken instead of a call, in nanoseconds. */
  private long maxAge(Item<K, V> item, long now) {
    if (!item.isConfirmed()) {
      return period;
    }
    // What this cache knows already is of no use.
    long news = Math.max(0, now - item.confirmedAt() - 1_000_000);
    return item.hasInterval() ? Math.min(period * 3 / 4, news) : Math.clamp(now - item.dueAt(now), 0, news);
  }

  private void take(Claimed<Item<K, V>> claimed, Answer answer, Result result) {
    switch (answer) {
      case Answer.Ask ask -> result.granted.add(claimed);
      case Answer.Wait wait -> {
        long most = Math.max(longestBackoff, callTime() + period / 5);
        long atLeast = wait.atLeast().compareTo(Duration.ofNanos(most)) > 0 ? most : wait.atLeast().toNanos();
        SharedItem<K, V> item = (SharedItem<K, V>) claimed.thing();
        long stagger = period / 64 * (item.hash() & 0xff) / 256;
        fence.postpone(item, ticker.read() + Math.max(0, atLeast) + stagger);
        result.released.add(claimed);
      }
      case Answer.Take take -> {
        boolean taken = intake().take(claimed.thing(), take.entry());
        (taken ? result.released : claimed.isAgain() ? result.granted : result.again).add(claimed);
      }
    }
  }

  private Intake<K, V> intake() { return Objects.requireNonNull(intake); }

  private void settle(Errand errand, Result result) {
    long now = ticker.read();
    claim = null;
    if (errand.isLate() || closed) {
      // All that it had was granted.
      return;
    }
    if (result.failed) {
      fail(now);
      return;
    }
    if (breaker.isOpen()) {
      breaker.close();
      breaker.sent(now);
      claims().begin();
    }
    sent = List.of();
    result.granted.forEach(claimed -> claims().grant(claimed, result.claimedAt, now, result.grantEnd));
    result.again.forEach(claimed -> claims().again(claimed, now));
    result.released.forEach(claimed -> claims().release(claimed, now));
  }

  private void publish(Errand errand) {
    boolean failed = false;
    List<Entry> list = new ArrayList<>();
    try {
      for (Entry entry; list.size() < MOST_WANTS && (entry = poll()) != null; ) {
        list.add(entry);
      }
      if (!list.isEmpty() && !closed) {
        exchange.publish(list, Duration.ofNanos(timeToLive), errand.deadline());
        counts.published.addAndGet(list.size());
      }
    } catch (Throwable t) {
      failed = true;
      counts.dropped.addAndGet(list.size());
      if (!errand.isLate() && !closed) {
        host.contain("the exchange", "entries", t);
      }
    } finally {
      errand.finish();
      boolean opens = failed;
      host.tell(() -> {
        publication = null;
        if (opens && !errand.isLate() && !closed) {
          fail(ticker.read());
        }
      });
    }
  }

  // The end

  /** The cache is closed: nothing is sent any more, and the exchange is closed by a thread of its own. */
  public void close() {
    closed = true;
    interruptAll();
    start("/exchange", null, () -> {
      try {
        exchange.close();
      } catch (Throwable t) {
        host.contain("the exchange", "the close", t);
      }
    });
  }

  /** Interrupts what is on its way. */
  public void interruptAll() {
    threads.forEach(Thread::interrupt);
  }

  /** Returns the threads that call the exchange or user code for it. */
  public Set<Thread> threads() { return threads; }
}
