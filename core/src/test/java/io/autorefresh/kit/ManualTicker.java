package io.autorefresh.kit;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A ticker that stands still until a test moves it. Starts near the wrap-around, which must not matter.
 *
 * <p>A move wakes the threads of the cache that wait for a time. They have come to rest when each of them waits and has
 * nothing to do at the present time, and no virtual thread runs or could run.
 */
public final class ManualTicker implements Ticker {

  /**
   * So many looks, some time apart each, until it is believed that a thread stays busy, as one that a test lets spin or
   * one that holds its carrier. They are counted, as a pause of the whole JVM is no work.
   */
  private static final int LOOKS = 2_000;

  private static final long LOOK_AGAIN = 50_000;

  /** The scheduler of all virtual threads, once one of its threads was seen. */
  private static volatile @Nullable ForkJoinPool carriers;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final AtomicLong reads = new AtomicLong();
  /** The threads that have looked at the time, without virtual ones. */
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
  /** Those that are not the cache's, which comes later. */
  private final Set<Thread> before = Set.copyOf(platformThreads());
  private volatile @Nullable Thread observer;

  @Override
  public long read() {
    Thread reader = Thread.currentThread();
    if (reader != observer) {
      if (!reader.isVirtual()) {
        readers.add(reader);
      }
      reads.incrementAndGet();
    }
    return nanos.get();
  }

  public ManualTicker advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
    for (Thread reader : readers) {
      if (LockSupport.getBlocker(reader) instanceof Signal) {
        LockSupport.unpark(reader);
      }
    }
    return this;
  }

  /** The same as below. */
  public ManualTicker awaitNoticed(int looks) {
    return awaitNoticed();
  }

  /** Returns when the cache has done what is due by now, as far as its callbacks let it. */
  public ManualTicker awaitNoticed() {
    observer = Thread.currentThread();
    long seen = -1;
    for (int i = 0; i < LOOKS; i++) {
      long now = reads.get();
      boolean resting = isAtRest();
      // Twice, without a look at the time in between: one may have woken another that was looked at before.
      if (resting && seen == now) {
        break;
      }
      seen = resting ? now : -1;
      if (!resting) {
        LockSupport.parkNanos(LOOK_AGAIN);
      }
    }
    observer = null;
    readers.removeIf(reader -> !reader.isAlive());
    return this;
  }

  private boolean isAtRest() {
    for (Thread thread : platformThreads()) {
      if (thread instanceof ForkJoinWorkerThread worker) {
        if (carriers == null && thread.getClass().getName().contains("Carrier")) {
          carriers = worker.getPool();
        }
      } else if (isOfACache(thread) && isBusy(thread)) {
        return false;
      }
    }
    ForkJoinPool pool = carriers;
    return pool == null || pool.isQuiescent() && !pool.hasQueuedSubmissions();
  }

  private boolean isOfACache(Thread thread) {
    // The JVM's own threads are of other classes.
    return thread != Thread.currentThread() && thread.getClass() == Thread.class
        && (readers.contains(thread)
            || thread.isDaemon() && !before.contains(thread) && !thread.getName().startsWith("Thread-"));
  }

  private boolean isBusy(Thread thread) {
    if (LockSupport.getBlocker(thread) instanceof Signal signal) {
      return signal.left() <= 0;
    }
    return switch (thread.getState()) {
      case NEW, RUNNABLE, BLOCKED -> true;
      case WAITING, TIMED_WAITING, TERMINATED -> false;
    };
  }

  private static List<Thread> platformThreads() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    Thread[] threads = new Thread[root.activeCount() + 16];
    int count = root.enumerate(threads);
    return Stream.of(threads).limit(count).toList();
  }
}
