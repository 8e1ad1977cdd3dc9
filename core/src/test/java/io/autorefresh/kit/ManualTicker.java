package io.autorefresh.kit;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A ticker that stands still until a test moves it. Starts near the wrap-around, which must not matter. */
public final class ManualTicker implements Ticker {

  /**
   * Who waits for a time looks every millisecond; nobody does if nothing was read in so many looks of ours, each some
   * time after the one before. They are counted, as a pause of the whole JVM is no silence.
   */
  private static final int SILENCE = 500;

  /** So many looks longer for who has looked at the time and has not come to rest. */
  private static final int REST = 100;

  /** So many looks longer, at most, for a thread of the cache that may wait for a time and get no processor. */
  private static final int LAG = 200;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final AtomicLong reads = new AtomicLong();
  /** How often each thread has looked. */
  private final Map<Thread, AtomicLong> readers = new ConcurrentHashMap<>();
  /** Threads that wait for no time, with the number of their looks before they began to. */
  private final Map<Thread, Long> sleepers = new ConcurrentHashMap<>();

  @Override
  public long read() {
    readers.computeIfAbsent(Thread.currentThread(), reader -> new AtomicLong()).incrementAndGet();
    reads.incrementAndGet();
    return nanos.get();
  }

  public ManualTicker advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
    return this;
  }

  /**
   * Returns when the cache has looked at the time so often that it did, by now, whatever it thinks due, or evidently
   * waits for something else than time.
   */
  public ManualTicker awaitNoticed() {
    return awaitNoticed(30);
  }

  /** The same for a cache that looks at the time so many times more. */
  public ManualTicker awaitNoticed(int looks) {
    Map<Thread, Long> before = new HashMap<>();
    readers.forEach((reader, count) -> before.put(reader, count.get()));
    long enough = reads.get() + looks;
    long seen = reads.get();
    for (int silent = 0; seen < enough && silent < SILENCE; silent++) {
      LockSupport.parkNanos(200_000);
      if (reads.get() != seen) {
        seen = reads.get();
        silent = 0;
      }
    }
    for (int i = 0; i < REST && isAnybodyAtIt(); i++) {
      LockSupport.parkNanos(200_000);
    }
    for (int i = 0; i < LAG && isAnybodyBehind(before); i++) {
      LockSupport.parkNanos(200_000);
    }
    readers.forEach((reader, count) -> {
      if (isBehind(reader, before)) {
        sleepers.put(reader, count.get());
      }
    });
    return this;
  }

  private boolean isAnybodyBehind(Map<Thread, Long> before) {
    return readers.keySet().stream().anyMatch(reader -> isBehind(reader, before));
  }

  /** Whether a thread of the cache that may wait for a time has not looked at it and come to rest since. */
  private boolean isBehind(Thread reader, Map<Thread, Long> before) {
    long looks = readers.get(reader).get();
    Object blocker = LockSupport.getBlocker(reader);
    return looks <= before.getOrDefault(reader, 0L) && sleepers.getOrDefault(reader, -1L) != looks
        && blocker != null && blocker.getClass().getSimpleName().equals("Signal");
  }

  /** Those who looked may all have been others than one who had no processor meanwhile: that runs then, for its state. */
  private boolean isAnybodyAtIt() {
    readers.keySet().removeIf(reader -> reader.getState() == Thread.State.TERMINATED);
    sleepers.keySet().retainAll(readers.keySet());
    return readers.keySet().stream().anyMatch(
        reader -> reader != Thread.currentThread() && reader.getState() == Thread.State.RUNNABLE);
  }
}
