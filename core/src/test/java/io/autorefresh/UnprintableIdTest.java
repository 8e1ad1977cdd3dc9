package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5 and C2 of an id that cannot be printed: that harms no other item, and hides no exception. */
@Timeout(60)
class UnprintableIdTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int ITEMS = 20;

  private final ManualTicker ticker = new ManualTicker();
  private final Gate remote = new Gate();
  private final Map<Integer, Integer> calls = new ConcurrentHashMap<>();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private record Id(int number, Supplier<String> text) {
    @Override
    public String toString() {
      return text.get();
    }
  }

  private static String endless() {
    return "<" + endless() + ">";
  }

  /** The first call for number 0 stops at the gate. */
  private AutoRefreshBuilder<Id, Integer> jobs() {
    return AutoRefresh.<Id, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .maxConcurrency(2).refreshTimeout(TIMEOUT).refresh((id, item) -> {
          if (calls.merge(id.number(), 1, Integer::sum) == 1 && id.number() == 0) {
            remote.pass();
          }
          return item + 1;
        });
  }

  private static void create(AutoRefresh<Id, Integer> cache, Supplier<String> text) {
    cache.getOrCreate(new Id(0, text), 0);
    createOthers(cache);
  }

  private static void createOthers(AutoRefresh<Id, Integer> cache) {
    IntStream.range(1, ITEMS).forEach(i -> cache.getOrCreate(new Id(i, () -> "id-" + i), 0));
  }

  private boolean areOthersRefreshed(int times) {
    return IntStream.range(1, ITEMS).allMatch(i -> calls.getOrDefault(i, 0) >= times);
  }

  @Test
  void R5_anIdThatExhaustsTheStackWhenPrinted_harmsNoOther() throws Exception {
    try (AutoRefresh<Id, Integer> cache = jobs().build()) {
      cache.start();
      create(cache, UnprintableIdTest::endless);
      remote.awaitArrived(1);
      Await.until("only that one runs", () -> areOthersRefreshed(1) && cache.stats().runningJobs() == 1);
      ticker.advance(TIMEOUT);
      remote.awaitInterrupted(1);
      ticker.advance(PERIOD);
      Await.until("the others are refreshed", () -> areOthersRefreshed(2));
      Await.until("it is logged without the id", () -> log.entries().stream()
          .anyMatch(entry -> entry.contains("the refresher failed with " + TimeoutException.class.getName())));
    }
  }

  @Test
  void R7_anIdThatIsSlowToPrint_holdsUpNoOther() throws Exception {
    Gate printing = new Gate();
    try (AutoRefresh<Id, Integer> cache = jobs().maxCallsPerSecond(1).build()) {
      cache.start();
      cache.getOrCreate(new Id(0, () -> {
        printing.passUnchecked();
        return "slow";
      }), 0);
      remote.awaitArrived(1);
      createOthers(cache);
      ticker.advance(TIMEOUT);
      printing.awaitArrived(1);
      Await.until("the others have had their first refresh, call after call", () -> {
        ticker.advance(Duration.ofSeconds(1));
        return areOthersRefreshed(1);
      });
      printing.open();
      Await.until("it is printed", () -> log.entries().stream().anyMatch(entry -> entry.contains("for slow,")));
    }
  }

  @Test
  void R7_whoCallsSync_printsNoId() throws Exception {
    AtomicReference<Thread> printer = new AtomicReference<>();
    try (AutoRefresh<Id, Integer> cache = jobs().build()) {
      create(cache, () -> {
        printer.set(Thread.currentThread());
        return "id-0";
      });
      Worker<Thread> caller = Worker.start(() -> {
        cache.sync();
        return Thread.currentThread();
      });
      remote.awaitArrived(1);
      Await.until("only that one runs", () -> areOthersRefreshed(1) && cache.stats().runningJobs() == 1);
      ticker.advance(TIMEOUT);
      assertThat(caller.result()).isNotEqualTo(printer.get());
      assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("for id-0,", "TimeoutException"));
    }
  }

  private static String unprintable() {
    throw new IllegalStateException("of toString");
  }

  @Test
  void C2_theExceptionIsWhatTheCallerIsToKnow() throws Exception {
    Id id = new Id(0, UnprintableIdTest::unprintable);
    IOException failure = new IOException("of the creator");
    try (AutoRefresh<Id, Integer> cache = jobs().build()) {
      assertThatThrownBy(() -> cache.getOrThrow(id)).isInstanceOf(ItemNotFoundException.class)
          .hasMessageContaining("jobs", Id.class.getName());
      assertThatThrownBy(() -> cache.getOrCreate(id, key -> {
        throw failure;
      })).isInstanceOf(CreationException.class).hasCause(failure).hasMessageContaining(Id.class.getName());
      assertThatThrownBy(() -> cache.getOrCreate(id, key -> null)).isInstanceOf(NullPointerException.class)
          .hasMessageContaining(Id.class.getName());
      assertThatThrownBy(() -> cache.getOrCreate(id, key -> cache.getOrCreate(key, 1)))
          .isInstanceOf(IllegalStateException.class).hasMessageContaining("deadlock");
      assertThat(cache.size()).isZero();
    }
  }
}
