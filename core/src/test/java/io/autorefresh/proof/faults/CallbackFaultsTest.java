package io.autorefresh.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.kit.Worker;
import io.autorefresh.proof.Proof;
import io.autorefresh.proof.faults.Patient.Callback;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R4, R5, R7, R8, R11 and L2 for every callback with every trouble. */
@Proof
@Tag("faults")
@Timeout(60)
class CallbackFaultsTest {

  private static final int GOOD = 6;

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private static Stream<Arguments> matrix() {
    return Stream.of(Callback.values())
        .flatMap(callback -> Stream.of(Trouble.values()).map(trouble -> Arguments.of(callback, trouble)));
  }

  /** Lets the trouble begin; returns the caller that creates the bad item. */
  private static Worker<Integer> strike(Patient patient, Callback callback) throws Exception {
    AutoRefresh<String, Integer> cache = patient.cache;
    IntStream.range(0, GOOD).forEach(i -> cache.getOrCreate("good-" + i, 0));
    Worker<Integer> creator = Worker.start(() -> callback == Callback.CREATE
        ? cache.getOrCreate(Patient.BAD)
        : cache.getOrCreate(Patient.BAD, Patient.BAD_VALUE));
    if (callback != Callback.CREATE) {
      creator.result();
    }
    if (callback == Callback.ON_DELETE) {
      cache.deleteDelayed(Patient.BAD);
    }
    cache.start();
    patient.ticker.jump(Patient.PERIOD);
    Await.until("the trouble has begun", () -> patient.strikes.get() > 0);
    return creator;
  }

  private static boolean areGoodRefreshed(AutoRefresh<String, Integer> cache, int times) {
    return IntStream.range(0, GOOD).allMatch(i -> cache.get("good-" + i) >= times);
  }

  private static boolean isWell(AutoRefresh<String, Integer> cache, Callback callback) {
    return switch (callback) {
      case ON_DELETE -> cache.get(Patient.BAD) == null;
      case CREATE -> isCreated(cache);
      default -> cache.get(Patient.BAD) > Patient.BAD_VALUE + 1
          && cache.inspect(Patient.BAD).orElseThrow().failures() == 0;
    };
  }

  /** A caller that asks while the troubled creator has not ended gets its exception, too. */
  private static boolean isCreated(AutoRefresh<String, Integer> cache) {
    try {
      return cache.getOrCreate(Patient.BAD) >= Patient.BAD_VALUE;
    } catch (Throwable e) {
      return false;
    }
  }

  private static boolean isAllHeard(Patient patient) {
    return IntStream.range(0, GOOD).mapToObj(i -> "good-" + i)
        .allMatch(id -> patient.cache.get(id).equals(patient.heard.get(id)));
  }

  private static void isQuietAndSound(AutoRefresh<String, Integer> cache) throws Exception {
    Await.until("nothing runs", () -> cache.stats().runningJobs() + cache.stats().abandonedJobs() == 0
        && cache.stats().inFlight() == 0 && cache.stats().runningCreators() == 0
        && Invariants.check(cache).isEmpty());
    Stats stats = cache.stats();
    assertThat(stats.creations() - stats.deletions() - stats.deletedByRemote() - stats.evictions())
        .as("items that came less those that went").isEqualTo(stats.size());
  }

  private void nothingOfTheLibraryHasFailed(AutoRefresh<String, Integer> cache) {
    assertThat(cache.stats().hasFailed()).as("the background has failed").isFalse();
    assertThat(log.entries()).noneMatch(entry -> entry.contains("has failed") || entry.contains("a job failed"));
  }

  private static void noThreadIsLeft() throws Exception {
    Await.until("no thread of the cache is left",
        () -> ThreadDump.take().threads().stream().noneMatch(thread -> thread.startsWith("patient")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void R5_aCallbackInTrouble_costsItsOwnItemsOnly_andPasses(Callback callback, Trouble trouble) throws Exception {
    try (Patient patient = new Patient(callback, trouble)) {
      AutoRefresh<String, Integer> cache = patient.cache;
      strike(patient, callback);
      for (int cycle = 1; cycle <= 4; cycle++) {
        int times = cycle;
        Await.until("the others are refreshed in cycle " + cycle, () -> {
          if (cache.stats().groupsPaused() > 0) {
            // M1: all wait until the time that the remote named.
            patient.ticker.advance(Duration.ofMillis(1));
          }
          return areGoodRefreshed(cache, times) && patient.isQuietOtherwise();
        });
        assertThat(cache.stats().abandonedJobs()).isLessThanOrEqualTo(1);
        patient.ticker.jump(Patient.PERIOD);
      }
      if (callback != Callback.CREATE) {
        Await.until("no slot is lost", () -> cache.stats().runningJobs() <= 1);
      }
      if (trouble == Trouble.HANGS_STUBBORNLY) {
        assertThat(patient.strikes).as("nothing is called again while its call runs").hasValue(1);
      }
      boolean isListenerBusy = callback == Callback.LISTENER && trouble.hangs();
      if (!isListenerBusy) {
        Await.until("the events of the others are heard", () -> isAllHeard(patient));
      }
      assertThat(patient.most()).isLessThanOrEqualTo(Patient.MAX_CONCURRENCY + (trouble.hangs() ? 1 : 0));
      patient.recover();
      Await.until("all is well again", () -> {
        patient.ticker.jump(Patient.PERIOD).settle();
        return isWell(cache, callback);
      });
      isQuietAndSound(cache);
      Await.until("all events are heard", () -> isAllHeard(patient));
      assertThat(patient.outOfOrder).isEmpty();
      assertThat(cache.stats().droppedEvents()).isZero();
      nothingOfTheLibraryHasFailed(cache);
    }
    noThreadIsLeft();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void L2_aCloseMeanwhile_isBounded_deletesTheOthers_andLeavesNothing(Callback callback, Trouble trouble)
      throws Exception {
    try (Patient patient = new Patient(callback, trouble)) {
      AutoRefresh<String, Integer> cache = patient.cache;
      Worker<Integer> creator = strike(patient, callback);
      boolean deletionFails = callback == Callback.ON_DELETE && !trouble.hangs();
      if (deletionFails) {
        Await.until("the deletion has failed", () -> cache.stats().deletionFailures() == 1);
      }
      cache.deleteDelayed("good-0");
      Worker.start(cache::close).result();
      boolean gaveUp = log.entries().stream().anyMatch(entry -> entry.contains("did not end in time"));
      assertThat(gaveUp).as("what has not ended by itself in time, and only that, is given up and named")
          .isEqualTo(patient.isGivenUpByClose());
      assertThat(cache.get("good-0")).as("pending deletions are carried out").isNull();
      if (deletionFails) {
        assertThat(patient.strikes).as("once more, though it backs off").hasValue(2);
      }
      int calls = patient.calls.get();
      patient.recover();
      isQuietAndSound(cache);
      assertThat(cache.size()).as("reads still answer").isBetween(GOOD - 1, GOOD);
      patient.ticker.jump(Duration.ofHours(1));
      noThreadIsLeft();
      assertThat(patient.calls).as("no callback begins after the close").hasValue(calls);
      assertThat(patient.outOfOrder).isEmpty();
      if (callback == Callback.CREATE && trouble.hangs()) {
        assertThat(creator.failure()).as("what a creator makes after the close is refused")
            .isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      }
      nothingOfTheLibraryHasFailed(cache);
    }
  }
}
