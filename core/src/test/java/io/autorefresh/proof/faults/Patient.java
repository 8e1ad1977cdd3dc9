package io.autorefresh.proof.faults;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
    CREATE
  }

  static final String BAD = "bad";
  static final int BAD_VALUE = 1_000;
  static final int MAX_CONCURRENCY = 3;
  static final Duration PERIOD = Duration.ofSeconds(10);
  static final Duration TIMEOUT = Duration.ofSeconds(3);

  /** For what never ends; all else has the time that a busy machine takes. */
  private static final Duration SHORT_CLOSE_TIMEOUT = Duration.ofMillis(300);
  private static final Duration LONG_CLOSE_TIMEOUT = Duration.ofSeconds(20);

  private static final Duration SHORT_BACKOFF = Duration.ofMillis(1);
  /** For a call that is given up and still runs: the item is not called again meanwhile, however slow the machine is. */
  private static final Duration LONG_BACKOFF = PERIOD.multipliedBy(10);

  final ManualTicker ticker = new ManualTicker();
  final Gate gate = new Gate();
  final AtomicInteger strikes = new AtomicInteger();
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
    boolean endless = trouble == Trouble.HANGS_STUBBORNLY;
    Duration backoff = endless ? LONG_BACKOFF : SHORT_BACKOFF;
    AutoRefreshBuilder<String, Integer> jobs = AutoRefresh.<String, Integer>builder().name("patient")
        .refreshEvery(PERIOD).ticker(ticker).maxConcurrency(MAX_CONCURRENCY).refreshTimeout(TIMEOUT).spread(false)
        .refreshOnCreate(false).backoff(backoff, backoff)
        .closeTimeout(endless ? SHORT_CLOSE_TIMEOUT : LONG_CLOSE_TIMEOUT)
        .onDelete((id, item) -> call(Callback.ON_DELETE, id))
        .terminal(item -> {
          strike(Callback.TERMINAL, item > BAD_VALUE);
          return false;
        })
        .listener(event -> strike(Callback.LISTENER, event.id().equals(BAD)
            && !(event instanceof ItemEvent.Failed<String, Integer>)))
        .create(id -> {
          strike(Callback.CREATE, id.equals(BAD));
          return id.equals(BAD) ? BAD_VALUE : 0;
        });
    cache = callback == Callback.REFRESH
        ? jobs.refresh((id, item) -> call(Callback.REFRESH, id) ? item + 1 : item).build()
        : jobs.batchSize(2).batchBy(this::group).refreshBatch(this::refresh).build();
  }

  /** The bad item has a batch of its own, so that what fails as a whole harms no other. */
  private Object group(String id, Integer item) {
    strike(Callback.BATCH_BY, id.equals(BAD));
    return id.equals(BAD);
  }

  private Map<String, Outcome<Integer>> refresh(Map<String, Integer> items) {
    call(Callback.REFRESH_BATCH, items.keySet().iterator().next());
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, item) -> outcomes.put(id, Outcome.updated(item + 1)));
    return outcomes;
  }

  private boolean call(Callback which, String id) {
    most.accumulateAndGet(running.incrementAndGet(), Math::max);
    try {
      strike(which, id.equals(BAD));
      return true;
    } finally {
      running.decrementAndGet();
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

  /**
   * Whether no job runs but the one that has the trouble. Until then an item may still be in flight though its new
   * value is visible: its listener has not returned. A cycle that begins meanwhile leaves it out.
   */
  boolean isQuietOtherwise() {
    int troubled = callback == Callback.CREATE ? 0 : striking.get();
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
