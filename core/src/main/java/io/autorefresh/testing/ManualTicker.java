package io.autorefresh.testing;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.DrivenTicker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A ticker that stands still until a test moves it. {@link #advance} goes from one due time to the next, and at each
 * waits until the caches have done what was due: every call has begun, and has ended unless it {@linkplain #sleep
 * waits} for a later time of this ticker; every outcome is applied, and every event heard. So a test needs neither
 * sleeps nor polls.
 *
 * <p>For the same steps of a test, the same calls begin at the same times; the order among callbacks at one time is
 * free. What caches draw by chance, back-offs and the phase of a spread, comes from this ticker's seed. A step ends
 * with {@link #settle} or {@link #advance}: items that are created one after the other beside a running cache may come
 * into one batch or into several.
 *
 * <p><b>At rest</b> is a cache whose threads all wait for a later time, a new item, a deletion or a caller. Threads of
 * callers do not count. A callback that blocks in any other way than by {@link #sleep} keeps the cache from its rest:
 * by {@link #outside} it says that it is meant to. A wait for real time is waited for: a call that ignores its
 * interruption is abandoned after a tenth of a second that really passes.
 *
 * <p>Safe for use by many threads, and by several caches.
 */
public final class ManualTicker extends DrivenTicker {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Near the end of the range: readings wrap around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 1_000_000;

  /** What is known of a thread. */
  private static final class Seat {

    final SplittableRandom random;
    /** Whether it belongs to no cache, and is known only while it waits. */
    final boolean guest;
    /** Where it waits, or null if it runs. */
    @Nullable Signal signal;
    boolean outside;

    /** The draws of a thread depend on its name, not on the threads before it. */
    Seat(long seed, String thread, boolean guest) {
      this.random = new SplittableRandom(seed ^ (long) thread.hashCode() << 32);
      this.guest = guest;
    }

    boolean isAtRest() { return guest || (signal == null ? outside : signal.isAtRest()); }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  /** One after the other moves the time. */
  private final ReentrantLock moving = new ReentrantLock();
  private final long seed;
  private final long limit;
  private volatile long now = ORIGIN;

  // Guarded by the lock.
  private final SplittableRandom random;
  /** The threads, in the order in which they were made. */
  private final Map<Thread, Seat> seats = new LinkedHashMap<>();

  /** Creates a ticker whose seed is zero, and that waits at most ten seconds for rest. */
  public ManualTicker() {
    this(0, LIMIT);
  }

  /**
   * Creates a ticker.
   *
   * @param seed of what caches draw by chance
   * @param limit how long, in real time, to wait at each step for the caches to come to rest
   */
  public ManualTicker(long seed, Duration limit) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.limit = limit.toNanos();
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
   * Moves the time from one due time to the next, and returns when all has come to rest at the last of them.
   *
   * @param time how far, zero or more
   * @return this
   * @throws IllegalStateException if the caches do not come to rest within the limit, naming the threads that run; if
   * the
   *     caller is interrupted, whose status is kept; or from a callback
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
   * Returns when all has come to rest at the present time.
   *
   * @return this
   * @throws IllegalStateException as {@link #advance}
   */
  public ManualTicker settle() { return advance(Duration.ZERO); }

  /**
   * Moves the time at once, as it seems to a process that was stopped, and does not wait for rest: all that was due
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
   * Waits until this ticker was moved that far: for callbacks that take their time.
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

  /**
   * Runs what blocks for a reason of the test's, such as a latch. Meanwhile the calling thread counts as at rest, even
   * when the reason is gone: the test has to wait by itself for what comes then.
   *
   * @param task what blocks
   * @param <T> the type of its result
   * @return its result
   * @throws Exception what it throws
   */
  public <T extends @Nullable Object> T outside(Callable<T> task) throws Exception {
    setOutside(true);
    try {
      return task.call();
    } finally {
      setOutside(false);
    }
  }

  private void setOutside(boolean outside) {
    change(() -> {
      Seat seat = seats.get(Thread.currentThread());
      if (seat != null) {
        seat.outside = outside;
      }
    });
  }

  // What the test's thread does

  /** Lets one more thread go on, the first for whose time that is; returns false when there is none until the end. */
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
      long left = limit;
      while (!isAtRest()) {
        if (left <= 0) {
          throw restless();
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while caches were to come to rest", e);
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
        "did not come to rest within " + Duration.ofNanos(limit) + ": " + names);
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
