package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5 and C5 of an id that throws at times when it is looked up: it harms no other id, and the size stays exact. */
@Timeout(60)
class HostileIdTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int ITEMS = 50;

  private final ManualTicker ticker = new ManualTicker();
  private final AtomicBoolean throwing = new AtomicBoolean();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** An id of which number 0 is hostile. */
  private record Id(int number, AtomicBoolean throwing) {
    @Override
    public int hashCode() {
      if (number == 0 && throwing.get()) {
        throw new IllegalStateException("of hashCode");
      }
      return number;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Id id && id.number == number;
    }
  }

  /** An id that cannot be compared at times; its hash is chosen, so that it has to be. */
  private record Incomparable(int number, int hash, AtomicBoolean throwing) {
    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      if (hash == 0 && throwing.get()) {
        throw new IllegalStateException("of equals");
      }
      return other instanceof Incomparable id && id.number == number;
    }
  }

  @Test
  void R5_anEqualsThatThrowsWhenItsItemIsDeleted_harmsNoOther() throws Exception {
    try (AutoRefresh<Incomparable, Integer> cache = AutoRefresh.<Incomparable, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).refreshOnCreate(false).listener(event -> {}).refresh((id, item) -> item + 1).build()) {
      Incomparable[] ids = new Incomparable[ITEMS];
      for (int i = 0; i < ITEMS; i++) {
        ids[i] = new Incomparable(i, i < 2 ? 0 : i, throwing);
        cache.getOrCreate(ids[i], 0);
      }
      // The hostile ones among them, in the order in which they are marked.
      for (int i : new int[] {3, 0, 1, 4}) {
        cache.deleteDelayed(ids[i]);
      }
      throwing.set(true);
      CycleReport report = cache.sync();
      assertThat(report).returns((long) ITEMS - 4, CycleReport::updated).returns(3L, CycleReport::deletions);
      assertThat(cache.stats()).returns(0L, Stats::inFlight).returns(1L, Stats::marked);
      assertThat(cache.stats().contained()).as("when it is deleted, and maybe when the other is told of")
          .isBetween(1L, 2L);
      throwing.set(false);
      for (int i : new int[] {3, 4}) {
        assertThat(cache.getOrCreate(ids[i], 10)).as("its deletion was carried out, and told").isEqualTo(10);
      }
      assertThat(cache.sync()).returns((long) ITEMS - 2, CycleReport::updated).returns(1L, CycleReport::deletions);
    }
  }

  private Id id(int number) {
    return new Id(number, throwing);
  }

  private AutoRefreshBuilder<Id, Integer> jobs() {
    return AutoRefresh.<Id, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshOnCreate(false)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1)).refreshBatch(items -> {
          Map<Id, Outcome<Integer>> outcomes = new LinkedHashMap<>();
          items.forEach((id, item) -> outcomes.put(id, Outcome.updated(item + 1)));
          return outcomes;
        });
  }

  private void create(AutoRefresh<Id, Integer> cache, int from, int to) {
    IntStream.range(from, to).forEach(i -> cache.getOrCreate(id(i), 0));
  }

  @Test
  void R5_aHashCodeThatThrowsDuringADelivery_harmsNoOtherId() throws Exception {
    try (AutoRefresh<Id, Integer> cache = jobs().listener(event -> {
      if (event.id().number() == 0 && event.item() == 1) {
        throwing.set(true);
      }
    }).build()) {
      create(cache, 0, ITEMS);
      cache.sync();
      assertThat(throwing.getAndSet(false)).as("it threw during the delivery").isTrue();
      assertThat(cache.stats()).returns(0L, Stats::inFlight).returns(0, Stats::runningJobs);
      for (int cycle = 2; cycle <= 5; cycle++) {
        int expected = cycle;
        ticker.advance(PERIOD);
        assertThat(cache.sync()).returns((long) ITEMS, CycleReport::updated);
        assertThat(IntStream.range(0, ITEMS)).allMatch(i -> cache.get(id(i)) == expected);
      }
    }
  }

  @Test
  void C5_aHashCodeThatThrowsDuringAnEviction_harmsNoCallerAndTheSizeStaysExact() throws Exception {
    try (AutoRefresh<Id, Integer> cache = jobs().maximumSize(3).listener(event -> {}).build()) {
      create(cache, 0, 3);
      throwing.set(true);
      create(cache, 7, 8);
      assertThat(cache.size()).isEqualTo(3);
      create(cache, 8, 12);
      throwing.set(false);
      create(cache, 20, 30);

      assertThat(cache.size()).isEqualTo(3);
      assertThat(IntStream.range(0, 30).filter(i -> cache.get(id(i)) != null)).hasSize(3);
      assertThat(cache.stats().evictions()).isEqualTo(15);
      assertThat(cache.sync().updated()).isEqualTo(3);
    }
  }

  @Test
  void R5_aHashCodeThatThrowsWhenAnItemLosesItsJob_harmsNobody() throws Exception {
    try (AutoRefresh<Id, Integer> cache = jobs().batchBy((id, item) -> {
      throwing.set(true);
      if (id.number() == 0) {
        throw new IllegalStateException("of the group key");
      }
      return "group";
    }).listener(event -> {}).build()) {
      create(cache, 1, 3);
      cache.getOrCreate(id(0), 0);
      assertThat(cache.sync().items()).isEqualTo(3);
      throwing.set(false);
      assertThat(cache.stats()).returns(0L, Stats::inFlight).returns(0, Stats::runningJobs);
      ticker.advance(PERIOD);
      assertThat(cache.sync().items()).isEqualTo(3);
      throwing.set(false);
      assertThat(cache.inspect(id(0)).orElseThrow().failures()).isEqualTo(2);
    }
  }

  @Test
  void R5_anEqualsThatThrowsWhenItsGroupKeyHasFailed_costsNoOtherItsRefresh() throws Exception {
    Gate gate = new Gate();
    Incomparable straggling = new Incomparable(0, 0, throwing);
    Incomparable hostile = new Incomparable(1, 0, throwing);
    Incomparable other = new Incomparable(2, 2, throwing);
    try (AutoRefresh<Incomparable, Integer> cache = AutoRefresh.<Incomparable, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).refreshTimeout(Duration.ofDays(1)).refreshOnCreate(false).batchSize(1).refreshBatch(items -> {
          if (items.containsKey(straggling)) {
            gate.passUnchecked();
          }
          return items.entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, entry -> Outcome.updated(entry.getValue() + 1)));
        }).batchBy((id, item) -> {
          if (id == hostile) {
            throwing.set(true);
            throw new IllegalStateException("of the group key");
          }
          return "group";
        }).build()) {
      cache.getOrCreate(straggling, 0);
      Worker<CycleReport> straggler = Worker.start(cache::sync);
      gate.awaitArrived(1);
      cache.deleteDelayed(straggling);
      cache.getOrCreate(hostile, 0);
      cache.getOrCreate(other, 0);

      assertThat(cache.sync().updated()).as("the other one").isEqualTo(1);
      assertThat(cache.get(other)).isEqualTo(1);
      throwing.set(false);
      gate.open();
      straggler.result();
    } finally {
      gate.open();
    }
  }
}
