package io.autorefresh.micrometer;

import static java.util.Objects.requireNonNull;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Freshness;
import io.autorefresh.Stats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a cache as Micrometer meters: the counters and gauges of {@link Stats}, and the ages of {@link
 * Freshness}.
 *
 * <pre>{@code
 * var metrics = new AutoRefreshMetrics(jobs, "jobs");
 * metrics.bindTo(registry);
 * }</pre>
 *
 * <p>Each meter has the tag {@code cache} with the given name, and the further given tags. In this table the meters'
 * names lack their first part, {@code autorefresh.}:
 *
 * <table>
 * <caption>The meters</caption>
 * <tr><th>meter</th><th>kind</th><th>tag</th></tr>
 * <tr><td>{@code refreshes}</td><td>counter</td>
 *     <td>{@code outcome}: updated, unchanged, deleted, failed, unanswered, stale</td></tr>
 * <tr><td>{@code calls}</td><td>counter</td><td>{@code callback}: refresher, deleter</td></tr>
 * <tr><td>{@code timeouts}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code creations}</td><td>counter</td><td>{@code outcome}: created, failed</td></tr>
 * <tr><td>{@code deletions}</td><td>counter</td><td>{@code outcome}: deleted, failed</td></tr>
 * <tr><td>{@code evictions}, {@code cycles}, {@code overruns}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code dropped.events}, {@code callback.failures}, {@code unknown.ids}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code reads}</td><td>counter</td>
 *     <td>{@code result}: hit, miss; both zero without {@code recordStats}</td></tr>
 * <tr><td>{@code size}</td><td>gauge, items</td><td></td></tr>
 * <tr><td>{@code items}</td><td>gauge, items</td>
 *     <td>{@code state}: terminal, pending-deletion, never-refreshed, in-flight, failing, backlog; an item counts for
 *     each that is true of it</td></tr>
 * <tr><td>{@code groups}</td><td>gauge, groups</td><td>{@code state}: paused, down</td></tr>
 * <tr><td>{@code jobs}</td><td>gauge, jobs</td><td>{@code state}: running, abandoned</td></tr>
 * <tr><td>{@code creators}</td><td>gauge, creators</td><td>{@code state}: running, waiting</td></tr>
 * <tr><td>{@code waiting.events}</td><td>gauge, events</td><td></td></tr>
 * <tr><td>{@code age}</td><td>gauge, time</td><td>{@code quantile}: 0.5, 0.9, 0.99, 1</td></tr>
 * <tr><td>{@code period}</td><td>gauge, time</td><td></td></tr>
 * <tr><td>{@code ready}, {@code background.failed}</td><td>gauge, 0 or 1</td><td></td></tr>
 * </table>
 *
 * <p><b>Cost.</b> All meters of a scrape share one snapshot, which takes constant time. A snapshot is taken anew when
 * it is a tenth of a second old. The ages need a walk over the items, and are up to five seconds old. Between scrapes
 * there is no cost.
 *
 * <p><b>References.</b> This object refers to the cache. A registry refers weakly to the cache, and not to this object.
 * The threads of a running cache refer to it, so no meter loses it. Close this object after the cache: the close
 * removes the meters. The meters of a collected cache have the value NaN, or their last count.
 *
 * <p>Safe for use by many threads.
 */
public final class AutoRefreshMetrics implements MeterBinder, AutoCloseable {

  private static final Duration STATS_LIFETIME = Duration.ofMillis(100);
  private static final Duration AGES_LIFETIME = Duration.ofSeconds(5);

  /** The percentiles of the ages, without the ids that {@link Freshness} refers to. */
  private record Ages(Duration p50, Duration p90, Duration p99, Duration max) {

    static Ages of(AutoRefresh<?, ?> cache) {
      Freshness freshness = cache.freshness();
      return new Ages(freshness.p50(), freshness.p90(), freshness.p99(), freshness.max());
    }
  }

  private final AutoRefresh<?, ?> cache;
  private final Tags tags;
  private final Queue<Runnable> removals = new ConcurrentLinkedQueue<>();

  /**
   * Prepares the meters of a cache.
   *
   * @param cache the cache
   * @param name its name, for the tag {@code cache}
   * @param tags further tags of all its meters
   */
  public AutoRefreshMetrics(AutoRefresh<?, ?> cache, String name, Tag... tags) {
    this.cache = requireNonNull(cache, "cache");
    this.tags = Tags.of(tags).and("cache", requireNonNull(name, "name"));
  }

  /**
   * Registers the meters. Several registries may be given one after the other.
   *
   * @param registry the registry
   * @throws IllegalStateException if the registry has meters of a cache with these tags already
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    if (registry.find("autorefresh.size").tags(tags).meter() != null) {
      throw new IllegalStateException("a cache with the tags " + tags + " is bound already: close its metrics, or give"
          + " one of the two another name");
    }
    Binding binding = new Binding(registry);
    bindCounters(binding);
    bindGauges(binding);
  }

  private void bindCounters(Binding to) {
    String text = "Refreshes of items, by outcome";
    to.counter("refreshes", text, Stats::updated, "outcome", "updated");
    to.counter("refreshes", text, Stats::unchanged, "outcome", "unchanged");
    to.counter("refreshes", text, Stats::deletedByRemote, "outcome", "deleted");
    to.counter("refreshes", text, Stats::failed, "outcome", "failed");
    to.counter("refreshes", text, Stats::unanswered, "outcome", "unanswered");
    to.counter("refreshes", text, Stats::staleOutcomes, "outcome", "stale");
    text = "Calls that began";
    to.counter("calls", text, Stats::refreshCalls, "callback", "refresher");
    to.counter("calls", text, Stats::deleteCalls, "callback", "deleter");
    to.counter("timeouts", "Calls that took longer than the time-out", Stats::timedOutCalls);
    text = "Items created, and creators that failed";
    to.counter("creations", text, Stats::creations, "outcome", "created");
    to.counter("creations", text, Stats::creationFailures, "outcome", "failed");
    text = "Delayed deletions carried out, and failed ones, which are tried again";
    to.counter("deletions", text, Stats::deletions, "outcome", "deleted");
    to.counter("deletions", text, Stats::deletionFailures, "outcome", "failed");
    to.counter("evictions", "Items removed to make room", Stats::evictions);
    to.counter("cycles", "Sync cycles that have settled", Stats::cycles);
    to.counter("overruns", "Periodic cycles that could not hand out all their jobs", Stats::overruns);
    to.counter("dropped.events", "Events dropped because too many waited for the listener", Stats::droppedEvents);
    to.counter("callback.failures", "Exceptions of callbacks that are counted nowhere else", Stats::callbackFailures);
    to.counter("unknown.ids", "Ids in answers that were not in the batch", Stats::unknownIds);
    text = "Reads, by whether they found an item; counted with recordStats only";
    to.counter("reads", text, Stats::hitCount, "result", "hit");
    to.counter("reads", text, Stats::missCount, "result", "miss");
  }

  private void bindGauges(Binding to) {
    to.gauge("size", "items", "Items in the cache", Stats::size);
    String text = "Items by state; an item counts for each that is true of it";
    to.gauge("items", "items", text, Stats::terminal, "state", "terminal");
    to.gauge("items", "items", text, Stats::pendingDeletion, "state", "pending-deletion");
    to.gauge("items", "items", text, Stats::neverRefreshed, "state", "never-refreshed");
    to.gauge("items", "items", text, Stats::inFlight, "state", "in-flight");
    to.gauge("items", "items", text, Stats::failing, "state", "failing");
    to.gauge("items", "items", text, Stats::backlog, "state", "backlog");
    text = "Groups with a delay that the remote asked for, and groups whose calls all fail";
    to.gauge("groups", "groups", text, Stats::groupsPaused, "state", "paused");
    to.gauge("groups", "groups", text, Stats::groupsDown, "state", "down");
    text = "Jobs that hold a slot, and jobs that ignored their interruption";
    to.gauge("jobs", "jobs", text, Stats::runningJobs, "state", "running");
    to.gauge("jobs", "jobs", text, Stats::abandonedJobs, "state", "abandoned");
    text = "Creators that run, and callers that wait for one of them";
    to.gauge("creators", "creators", text, Stats::runningCreators, "state", "running");
    to.gauge("creators", "creators", text, Stats::waitingForCreators, "state", "waiting");
    to.gauge("waiting.events", "events", "Events that wait for the listener", Stats::waitingEvents);
    to.gauge("background.failed", null, "1 if the background has failed", stats -> stats.hasFailed() ? 1 : 0);
    to.gauge("ready", null, "1 if the cache is ready, as of Stats.isReady", stats -> stats.isReady() ? 1 : 0);
    to.time("period", "The effective period of the sync cycles", to.stats, Stats::period);
    text = "Time since live items were confirmed, up to five seconds ago";
    to.time("age", text, to.ages, Ages::p50, "quantile", "0.5");
    to.time("age", text, to.ages, Ages::p90, "quantile", "0.9");
    to.time("age", text, to.ages, Ages::p99, "quantile", "0.99");
    to.time("age", text, to.ages, Ages::max, "quantile", "1");
  }

  /**
   * Registers meters of the cache at one registry. Their functions must refer to no cache: each gets it as an argument.
   */
  private final class Binding {

    final MeterRegistry registry;
    final Recent<Stats> stats;
    final Recent<Ages> ages;

    Binding(MeterRegistry registry) {
      this.registry = registry;
      this.stats = new Recent<>(registry.config().clock(), STATS_LIFETIME, AutoRefresh::stats);
      this.ages = new Recent<>(registry.config().clock(), AGES_LIFETIME, Ages::of);
    }

    void counter(String name, String description, ToLongFunction<Stats> figure, String... tag) {
      Recent<Stats> stats = this.stats;
      add(FunctionCounter.builder("autorefresh." + name, cache, of -> figure.applyAsLong(stats.of(of)))
          .description(description)
          .baseUnit(name.substring(name.lastIndexOf('.') + 1))
          .tags(tags.and(tag))
          .register(registry));
    }

    void gauge(String name, @Nullable String unit, String description, ToLongFunction<Stats> figure, String... tag) {
      Recent<Stats> stats = this.stats;
      add(Gauge.builder("autorefresh." + name, cache, of -> figure.applyAsLong(stats.of(of)))
          .description(description)
          .baseUnit(unit)
          .tags(tags.and(tag))
          .register(registry));
    }

    <T> void time(String name, String description, Recent<T> recent, Function<T, Duration> figure, String... tag) {
      add(TimeGauge.builder(
              "autorefresh." + name, cache, TimeUnit.NANOSECONDS, of -> figure.apply(recent.of(of)).toNanos())
          .description(description)
          .tags(tags.and(tag))
          .register(registry));
    }

    private void add(Meter meter) {
      MeterRegistry registry = this.registry;
      removals.add(() -> registry.remove(meter));
    }
  }

  /** Removes the meters from every registry that they were bound to. Does not close the cache. Idempotent. */
  @Override
  public void close() {
    for (Runnable removal; (removal = removals.poll()) != null; ) {
      removal.run();
    }
  }
}
