package io.autorefresh.share;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What caches of one JVM share the refresh work through: for tests, and for several caches that keep the same items. It
 * is the store; each cache gets an exchange of its own from {@link #connect}.
 *
 * <p>It has no thread of its own: {@link Exchange#publish} calls the receivers of the other caches in its caller's
 * thread. Its clock is its ticker, so it works in time that a test moves by hand. It reaches no deadline, since it
 * waits for nothing but a lock that is never held for long.
 *
 * <p>It keeps one entry an id, until the entry's time to live is over or soon after. Safe for use by many threads.
 */
public final class MemoryExchange {

  private static final int MIN_SWEEP = 1_000;

  private final Ticker ticker;
  private final long origin;
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private final Map<String, Stored> stored = new HashMap<>();
  private int sweepAt = MIN_SWEEP;

  /** Creates an empty store in real time. */
  public MemoryExchange() {
    this(Ticker.systemTicker());
  }

  /**
   * Creates an empty store.
   *
   * @param ticker its time
   */
  public MemoryExchange(Ticker ticker) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    this.origin = ticker.read();
  }

  /**
   * Returns an exchange for one more cache. Once closed, it throws IllegalStateException.
   *
   * @return a new exchange over this store
   */
  public Exchange connect() { return new Connection(); }

  /** Forgets all entries and leases. */
  void clear() {
    lock.lock();
    try {
      stored.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many ids are stored. */
  int size() {
    lock.lock();
    try {
      return stored.size();
    } finally {
      lock.unlock();
    }
  }

  /** From one on, so that no time is that of nothing. */
  private long now() { return 1 + (ticker.read() - origin) / 1_000_000; }

  private Stored stored(String id, long now) {
    if (stored.size() >= sweepAt) {
      stored.values().removeIf(each -> each.isForgotten(now));
      sweepAt = Math.max(MIN_SWEEP, 2 * stored.size());
    }
    return stored.computeIfAbsent(id, each -> new Stored());
  }

  /** The exchange of one cache. */
  private final class Connection implements Exchange {

    private volatile @Nullable Receiver receiver;
    private volatile boolean closed;

    @Override
    public Claims claim(List<Want> wants, Duration lease, Duration deadline) {
      refuseIfClosed();
      List<Answer> answers = new ArrayList<>(wants.size());
      lock.lock();
      try {
        long now = now();
        wants.forEach(want -> answers.add(stored(want.id(), now).claim(this, want, lease, now)));
        return new Claims(now, answers);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void publish(List<Entry> entries, Duration timeToLive, Duration deadline) {
      refuseIfClosed();
      List<Entry> passedOn = new ArrayList<>(entries.size());
      boolean lost = false;
      lock.lock();
      try {
        long now = now();
        for (Entry entry : entries) {
          Stored.Fate fate = stored(entry.id(), now).publish(this, entry, timeToLive, now);
          lost |= fate == Stored.Fate.WITHOUT_VALUE;
          if (fate != Stored.Fate.REFUSED) {
            passedOn.add(entry);
          }
        }
      } finally {
        lock.unlock();
      }
      for (Connection other : connections) {
        Receiver to = other.receiver;
        if (other == this && lost) {
          to.interrupted();
        } else if (other != this && !passedOn.isEmpty()) {
          to.received(List.copyOf(passedOn));
        }
      }
    }

    @Override
    public void subscribe(Receiver receiver) {
      refuseIfClosed();
      this.receiver = Objects.requireNonNull(receiver, "receiver");
      connections.add(this);
    }

    @Override
    public void close() {
      closed = true;
      connections.remove(this);
    }

    private void refuseIfClosed() {
      if (closed) {
        throw new IllegalStateException("The exchange is closed");
      }
    }
  }
}
