package io.autorefresh.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.internal.engine.Engine;
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

/** R4, R5, R7, R8 and L2 for every callback with every trouble. */
@Proof
@Tag("faults")
@Timeout(60)
class CallbackFaultsTest {

  private static final int GOOD = 6;

  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** A group key has no time-out: it runs in the thread that plans, and one that hangs holds up its cycle. */
  private static Stream<Arguments> matrix() {
    return Stream.of(Callback.values()).flatMap(callback -> Stream.of(Trouble.values())
        .filter(trouble -> callback != Callback.BATCH_BY || !trouble.hangs())
        .map(trouble -> Arguments.of(callback, trouble)));
  }

  private static void strike(Patient patient, Callback callback) throws Exception {
    AutoRefresh<String, Integer> cache = patient.cache;
    IntStream.range(0, GOOD).forEach(i -> cache.getOrCreate("good-" + i, 0));
    if (callback == Callback.CREATE) {
      Worker.start(() -> cache.getOrCreate(Patient.BAD));
    } else {
      cache.getOrCreate(Patient.BAD, Patient.BAD_VALUE);
    }
    if (callback == Callback.ON_DELETE) {
      cache.deleteDelayed(Patient.BAD);
    }
    cache.start();
    patient.ticker.advance(Patient.PERIOD);
    Await.until("the trouble has begun", () -> patient.strikes.get() > 0);
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

  /** Who asks while another's creator is still at its trouble gets that, too. */
  private static boolean isCreated(AutoRefresh<String, Integer> cache) {
    try {
      return cache.getOrCreate(Patient.BAD) >= Patient.BAD_VALUE;
    } catch (Throwable e) {
      return false;
    }
  }

  private static void isQuietAndSound(AutoRefresh<String, Integer> cache) throws Exception {
    Await.until("nothing runs", () -> cache.stats().runningJobs() + cache.stats().abandonedJobs() == 0
        && cache.stats().inFlight() == 0 && ((Engine<?, ?>) cache).check().isEmpty());
    Stats stats = cache.stats();
    assertThat(stats.creations() - stats.deletions() - stats.deletedByRemote() - stats.evictions())
        .as("items that came less those that went").isEqualTo(stats.size());
  }

  private static void noThreadIsLeft() throws Exception {
    Await.until("no thread of the cache is left",
        () -> ThreadDump.take().threads().stream().noneMatch(thread -> thread.startsWith("patient")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void R5_itCostsNobodyElseAnything_andPasses(Callback callback, Trouble trouble) throws Exception {
    try (Patient patient = new Patient(callback, trouble)) {
      AutoRefresh<String, Integer> cache = patient.cache;
      strike(patient, callback);
      for (int cycle = 1; cycle <= 4; cycle++) {
        int times = cycle;
        Await.until("the others are refreshed in cycle " + cycle,
            () -> areGoodRefreshed(cache, times) && patient.isQuietOtherwise());
        assertThat(cache.stats().abandonedJobs()).isLessThanOrEqualTo(1);
        patient.ticker.advance(Patient.PERIOD);
      }
      if (callback != Callback.CREATE) {
        Await.until("no slot is lost", () -> cache.stats().runningJobs() <= 1);
      }
      assertThat(patient.most()).isLessThanOrEqualTo(Patient.MAX_CONCURRENCY + (trouble.hangs() ? 1 : 0));
      patient.recover();
      Await.until("all is well again", () -> {
        patient.ticker.advance(Patient.PERIOD).awaitNoticed(3);
        return isWell(cache, callback);
      });
      isQuietAndSound(cache);
      assertThat(log.entries()).noneMatch(entry -> entry.contains("before its time") || entry.contains("could not"));
    }
    noThreadIsLeft();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("matrix")
  void L2_closingMeanwhileIsBounded_andLeavesNothing(Callback callback, Trouble trouble) throws Exception {
    try (Patient patient = new Patient(callback, trouble)) {
      AutoRefresh<String, Integer> cache = patient.cache;
      strike(patient, callback);
      Worker.start(cache::close).result();
      boolean gaveUp = log.entries().stream().anyMatch(entry -> entry.contains("did not end in time"));
      assertThat(gaveUp).as("what ignores its interruption, and only that, is given up and named")
          .isEqualTo(trouble == Trouble.HANGS_STUBBORNLY);
      patient.recover();
      isQuietAndSound(cache);
      assertThat(cache.size()).as("reads still answer").isBetween(GOOD, GOOD + 1);
      int strikes = patient.strikes.get();
      patient.ticker.advance(Duration.ofHours(1));
      noThreadIsLeft();
      assertThat(patient.strikes).as("no callback begins after the close").hasValue(strikes);
    }
  }
}
