package io.autorefresh.testing;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.DrivenTicker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A ticker that stands still until a test moves it. {@link #advance} moves it from one due time to the next. At each it
 * waits until the caches are at rest: each due call has begun, and has ended unless it {@linkplain #sleep sleeps} until
 * a later time; each outcome is applied, and each event delivered. So a test needs neither sleeps nor polls.
 *
 * <p>For the same steps of a test, the same calls begin at the same times. The order of callbacks at one time is free.
 * All random choices of caches, such as back-offs and the phase of a spread, come from the ticker's seed. A step ends
 * with {@link #settle} or {@link #advance}: items that are created one by one beside a running cache may come into one
 * batch or into several.
 *
 * <p>A cache is <b>at rest</b> when each of its threads waits for a later time, a new item, a deletion or a caller.
 * Threads of callers do not count. A callback that blocks in any other way than by {@link #sleep} or in a
 * {@link FakeRemote} prevents rest. Waits for real time are waited for: a call that ignores its interruption is
 * abandoned after a tenth of a second of real time.
 *
 * <p>Safe for use by many threads, and by several caches.
 */
public final class ManualTicker extends DrivenTicker {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Near the end of the range: readings wrap around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 1_000_000;

  /** The state of a thread. */
  private static final class Seat {

    final SplittableRandom random;
    /** Whether it belongs to no cache; it has a seat only while it waits. */
    final boolean guest;
    /** Where it waits, or null if it runs. */
    @Nullable Signal signal;

    /** The draws of a thread depend on its name, not on the threads before it. */
    Seat(long seed, String thread, boolean guest) {
      this.random = new SplittableRandom(seed ^ (long) thread.hashCode() << 32);
      this.guest = guest;
    }

    boolean isAtRest() { return guest || signal != null && signal.isAtRest(); }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  /** Held while the time moves. */
  private final ReentrantLock moving = new ReentrantLock();
  private final long seed;
  private final Duration limit;
  private volatile long now = ORIGIN;

  // Guarded by the lock.
  private final SplittableRandom random;
  /** By the order of the threads' creation, which decides between equal due times. */
  private final Map<Thread, Seat> seats = new LinkedHashMap<>();

  /** Creates a ticker with seed zero and a limit of ten seconds. */
  public ManualTicker() {
    this(0, LIMIT);
  }

  /**
   * Creates a ticker.
   *
   * @param seed of all random choices of caches
   * @param limit how long, in real time, the caches may take to come to rest at each due time
   */
  public ManualTicker(long seed, Duration limit) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.limit = Objects.requireNonNull(limit, "limit");
  }

  @Override
  public long read() { return now; }

  /**
   * Returns how far this ticker was moved.
   *
   * @return the time since it was created
   */
  public Duration elapsed() { return Duration.ofNanos(now - ORIGIN); }

  /**
   * Moves the time from one due time to the next, and returns when the caches are at rest at the end.
   *
   * @param time how far, zero or more
   * @return this
   * @throws IllegalStateException if the caches do not come to rest within the limit, with the names and stacks of the
   *     threads that run; if the calling thread is interrupted, whose status is kept; or from a callback
   */
  public ManualTicker advance(Duration time) {
    refuseCallbacks();
    moving.lock();
    try {
      long end = now + time.toNanos();
      do {
        awaitRest();
      } while (step(end));
    } finally {
      moving.unlock();
    }
    return this;
  }

  /**
   * Returns when the caches are at rest at the present time.
   *
   * @return this
   * @throws IllegalStateException as {@link #advance}
   */
  public ManualTicker settle() { return advance(Duration.ZERO); }

  /**
   * Moves the time at once, as a process that was stopped sees it, and does not wait for rest. All that was due
   * meanwhile is due now.
   *
   * @param time how far, zero or more
   * @return this
   */
  public ManualTicker jump(Duration time) {
    change(() -> {
      now += time.toNanos();
      seats.values().forEach(this::releaseIfDue);
    });
    return this;
  }

  /**
   * Waits until this ticker has moved that far: for callbacks that take time.
   *
   * @param time how long
   * @throws InterruptedException if the calling thread is interrupted
   */
  public void sleep(Duration time) throws InterruptedException {
    sleep(this, time.toNanos());
  }

  static void sleep(Ticker ticker, long nanos) throws InterruptedException {
    long begun = ticker.read();
    Signal signal = new Signal(ticker);
    while (ticker.read() - begun < nanos) {
      signal.wakeAfter(begun, nanos);
      signal.await();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  // What the test's thread does

  /** Moves to the next due time and releases one thread that waits for it; returns whether there was one. */
  private boolean step(long end) {
    lock.lock();
    try {
      Signal first = null;
      for (Seat seat : seats.values()) {
        Signal signal = seat.signal;
        boolean waits = signal != null && signal.isTimed() && signal.isAtRest() && signal.end() - end <= 0;
        first = waits && (first == null || signal.end() - first.end() < 0) ? signal : first;
      }
      long next = first == null ? end : first.end();
      now = next - now > 0 ? next : now;
      if (first != null) {
        first.ring();
      }
      return first != null;
    } finally {
      lock.unlock();
    }
  }

  private void refuseCallbacks() {
    change(() -> {
      if (seats.containsKey(Thread.currentThread())) {
        throw new IllegalStateException("a callback cannot wait for its own cache to come to rest");
      }
    });
  }

  private void awaitRest() {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (!isAtRest()) {
        if (left <= 0) {
          throw restless();
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in the " + limit + " for the caches to come to rest", e);
    } finally {
      lock.unlock();
    }
  }

  private boolean isAtRest() { return seats.values().stream().allMatch(Seat::isAtRest); }

  private IllegalStateException restless() {
    Map<Thread, Seat> running = new LinkedHashMap<>(seats);
    running.values().removeIf(Seat::isAtRest);
    String names = running.keySet().stream().map(Thread::getName).collect(Collectors.joining(", "));
    IllegalStateException error = new IllegalStateException(
        "the caches did not come to rest within " + limit + "; these threads run: " + names);
    for (Thread thread : running.keySet()) {
      Throwable stack = new Throwable("the stack of " + thread.getName());
      stack.setStackTrace(thread.getStackTrace());
      error.addSuppressed(stack);
    }
    return error;
  }

  // What the threads of caches do

  @Override
  protected void enter(Thread thread) {
    change(() -> seats.putIfAbsent(thread, new Seat(seed, thread.getName(), false)));
  }

  @Override
  protected void leave() {
    change(() -> seats.remove(Thread.currentThread()));
  }

  @Override
  protected void rest(Signal signal) {
    change(() -> {
      Seat seat = seats.computeIfAbsent(signal.owner(), thread -> new Seat(seed, thread.getName(), true));
      seat.signal = signal;
      releaseIfDue(seat);
    });
  }

  @Override
  protected void goOn() {
    change(() -> {
      Seat seat = seats.get(Thread.currentThread());
      if (seat != null && seat.guest) {
        leave();
      } else if (seat != null) {
        seat.signal = null;
      }
    });
  }

  @Override
  protected double random() {
    lock.lock();
    try {
      Seat seat = seats.get(Thread.currentThread());
      return (seat == null ? random : seat.random).nextDouble();
    } finally {
      lock.unlock();
    }
  }

  private void releaseIfDue(Seat seat) {
    if (seat.signal != null && seat.signal.isTimed() && seat.signal.end() - now <= 0) {
      seat.signal.ring();
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
