package io.autorefresh.proof.faults;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Gate;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cache with one item, {@value #BAD}, for which one of the callbacks makes trouble as long as it is ill. Values count
 * refreshes; those of the bad item begin at {@value #BAD_VALUE}, so that the predicate can tell them.
 */
final class Patient implements AutoCloseable {

  /** The callback that makes the trouble. */
  enum Callback {
    REFRESH,
    REFRESH_BATCH,
    ON_DELETE,
    TERMINAL,
    BATCH_BY,
    LISTENER,
    CREATE;

    /** Whether a job calls it, so that the trouble occupies a slot and has a time-out. */
    boolean isOfJob() {
      return this != LISTENER && this != CREATE;
    }

    /** Whether a close interrupts it at once, and not only after its time-out. */
    boolean isOfRefresh() {
      return isOfJob() && this != ON_DELETE;
    }
  }

  static final String BAD = "bad";
  static final int BAD_VALUE = 1_000;
  static final int MAX_CONCURRENCY = 3;
  static final Duration PERIOD = Duration.ofSeconds(10);
  static final Duration TIMEOUT = Duration.ofSeconds(3);

  /** Where something never ends. */
  private static final Duration SHORT_CLOSE_TIMEOUT = Duration.ofSeconds(1);
  /** As long as a busy machine may need. */
  private static final Duration LONG_CLOSE_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration BACKOFF = Duration.ofMillis(1);

  final ManualTicker ticker = new ManualTicker();
  final Gate gate = new Gate(ticker);
  final AtomicInteger strikes = new AtomicInteger();
  /** Calls of refresher, deleter and listener. */
  final AtomicInteger calls = new AtomicInteger();
  /** The last value of each other item that the listener has heard of. */
  final Map<String, Integer> heard = new ConcurrentHashMap<>();
  /** Events of other items that do not follow on those before. */
  final Queue<ItemEvent<String, Integer>> outOfOrder = new ConcurrentLinkedQueue<>();
  final AutoRefresh<String, Integer> cache;

  private final Callback callback;
  private final Trouble trouble;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicInteger striking = new AtomicInteger();
  private volatile boolean ill = true;

  Patient(Callback callback, Trouble trouble) {
    this.callback = callback;
    this.trouble = trouble;
    AutoRefreshBuilder<String, Integer> jobs = AutoRefresh.<String, Integer>builder().name("patient")
        .refreshEvery(PERIOD).ticker(ticker).maxConcurrency(MAX_CONCURRENCY).refreshTimeout(TIMEOUT).spread(false)
        .refreshOnCreate(false).backoff(BACKOFF, BACKOFF)
        .closeTimeout(isGivenUpByClose() ? SHORT_CLOSE_TIMEOUT : LONG_CLOSE_TIMEOUT)
        .onDelete((id, item) -> call(Callback.ON_DELETE, id))
        .terminal(item -> {
          strike(Callback.TERMINAL, item > BAD_VALUE);
          return false;
        })
        .listener(event -> {
          calls.incrementAndGet();
          strike(Callback.LISTENER, event.id().equals(BAD));
          hear(event);
        })
        .create(id -> {
          strike(Callback.CREATE, id.equals(BAD));
          return id.equals(BAD) ? BAD_VALUE : 0;
        });
    cache = callback == Callback.REFRESH
        ? jobs.refresh((id, item) -> call(Callback.REFRESH, id) ? item + 1 : item).build()
        : jobs.batchSize(2).batchBy(this::group).refreshBatch(this::refresh).build();
  }

  /** Whether a close cannot wait for the end of the trouble. */
  boolean isGivenUpByClose() {
    return trouble == Trouble.HANGS_STUBBORNLY && callback != Callback.CREATE
        || trouble == Trouble.HANGS && (callback == Callback.ON_DELETE || callback == Callback.LISTENER);
  }

  /**
   * The bad item has a batch of its own, so that what fails as a whole harms no other. The key of what is created is
   * asked for in the creating thread, which is the test's: there it does not hang.
   */
  private Object group(String id, Integer item) {
    strike(Callback.BATCH_BY, id.equals(BAD) && (item > BAD_VALUE || !trouble.hangs()));
    return id.equals(BAD);
  }

  private Map<String, Outcome<Integer>> refresh(Map<String, Integer> items) {
    call(Callback.REFRESH_BATCH, items.keySet().iterator().next());
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, item) -> outcomes.put(id, Outcome.updated(item + 1)));
    return outcomes;
  }

  private boolean call(Callback which, String id) {
    calls.incrementAndGet();
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      strike(which, id.equals(BAD));
      return true;
    } finally {
      running.decrementAndGet();
    }
  }

  private void hear(ItemEvent<String, Integer> event) {
    if (!event.id().equals(BAD)) {
      Integer before = heard.put(event.id(), event.item());
      boolean follows = event instanceof ItemEvent.Updated<String, Integer> updated
          ? updated.previous().equals(before)
          : event instanceof ItemEvent.Created ? before == null : event.item().equals(before);
      if (!follows) {
        outOfOrder.add(event);
      }
    }
  }

  private void strike(Callback which, boolean bad) {
    if (ill && bad && which == callback) {
      strikes.incrementAndGet();
      striking.incrementAndGet();
      try {
        trouble.strikeUndeclared(gate);
      } finally {
        striking.decrementAndGet();
      }
    }
  }

  /** Whether no job runs except the one that has the trouble. Until then an item may be in flight after its update. */
  boolean isQuietOtherwise() {
    int troubled = callback.isOfJob() ? striking.get() : 0;
    return cache.stats().runningJobs() + cache.stats().abandonedJobs() <= troubled;
  }

  /** The trouble is over, and what hangs goes on. */
  void recover() {
    ill = false;
    gate.open();
  }

  /** The most calls at once, abandoned ones included. */
  int most() {
    return most.get();
  }

  @Override
  public void close() {
    gate.open();
    cache.close();
  }
}
