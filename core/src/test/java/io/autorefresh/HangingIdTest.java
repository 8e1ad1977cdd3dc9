package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** L2 of an id that hangs when it is compared, with and without a lock: the close is in bounded time all the same. */
@Timeout(60)
class HangingIdTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Gate comparing = new Gate();
  private final AtomicInteger comparisons = new AtomicInteger();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** All have one hash, so that they have to be compared. */
  private record Id(int number, Runnable onComparison) {
    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public boolean equals(Object other) {
      onComparison.run();
      return other instanceof Id id && id.number == number;
    }
  }

  private AutoRefresh<Id, Integer> cache() {
    AutoRefresh<Id, Integer> cache = AutoRefresh.<Id, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .closeTimeout(Duration.ofMillis(200)).refresh((id, item) -> item + 1).build();
    cache.getOrCreate(new Id(0, () -> {}), 0);
    return cache;
  }

  /** Creates another item, whose id hangs when it is compared for the given time. */
  private Worker<Integer> create(AutoRefresh<Id, Integer> cache, int hangsAt) throws Exception {
    Id hanging = new Id(1, () -> {
      if (comparisons.incrementAndGet() == hangsAt) {
        comparing.passUnchecked();
      }
    });
    Worker<Integer> caller = Worker.start(() -> cache.getOrCreate(hanging, id -> 1));
    comparing.awaitArrived(1);
    return caller;
  }

  private void assertClosesAndRefuses(AutoRefresh<Id, Integer> cache, Worker<Integer> caller) throws Exception {
    Worker.start(cache::close).result();
    assertThat(caller.isDone()).as("the id hangs still").isFalse();
    comparing.open();
    assertThat(caller.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("jobs is closed");
    cache.close();
    assertThat(cache.size()).isEqualTo(1);
  }

  @ParameterizedTest(name = "at comparison {0}")
  @ValueSource(ints = {1, 2, 3})
  void L2_close_isInTime(int hangsAt) throws Exception {
    AutoRefresh<Id, Integer> cache = cache();
    assertClosesAndRefuses(cache, create(cache, hangsAt));
    if (hangsAt < 3) {
      assertThat(log.entries()).isEmpty();
    } else {
      assertThat(log.entries()).as("under the lock, where it might still insert").singleElement().asString()
          .contains("jobs is closed", "did not end in time", "passUnchecked");
    }
  }

  @ParameterizedTest(name = "at comparison {0}")
  @ValueSource(ints = {1, 2, 3})
  void L2_close_isInTimeThoughACycleMayWaitForTheId(int hangsAt) throws Exception {
    AutoRefresh<Id, Integer> cache = cache();
    cache.start();
    Worker<Integer> caller = create(cache, hangsAt);
    ticker.advance(PERIOD).awaitNoticed();
    assertClosesAndRefuses(cache, caller);
  }
}
