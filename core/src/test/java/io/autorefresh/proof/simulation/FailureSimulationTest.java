package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.FailureSimulation.BACKOFF;
import static io.autorefresh.proof.simulation.FailureSimulation.BATCH;
import static io.autorefresh.proof.simulation.FailureSimulation.CONCURRENCY;
import static io.autorefresh.proof.simulation.FailureSimulation.GROUPS;
import static io.autorefresh.proof.simulation.FailureSimulation.ITEMS;
import static io.autorefresh.proof.simulation.FailureSimulation.LOGARITHM;
import static io.autorefresh.proof.simulation.FailureSimulation.PERIOD;
import static io.autorefresh.proof.simulation.FailureSimulation.TIMEOUT;
import static io.autorefresh.proof.simulation.VirtualTime.MINUTE;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.LogCapture;
import io.autorefresh.proof.Proof;
import io.autorefresh.proof.simulation.Troubles.Kind;
import java.util.stream.LongStream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One bad item never costs more than itself, and a remote that comes back is found. The long form takes {@code
 * -Dsimulation.seed=N} for the first seed.
 */
@Proof
@Tag("simulation")
class FailureSimulationTest {

  private static final long SEED = Long.getLong("simulation.seed", 1);
  private static final int SEEDS = "simulation".equals(System.getProperty("proof")) ? 40 : 4;

  /** Ages are looked at each second. */
  private static final long TOLERANCE = SECOND;

  /** The longest distance of probes, which is less than sixteen of these periods. */
  private static final long LONGEST_PROBE = 5 * MINUTE;

  private static @Nullable LogCapture log;
  private static long callsWithoutTrouble;

  @BeforeAll
  static void takeTheLog() {
    log = LogCapture.open();
    FailureSimulation quiet = new FailureSimulation(SEED, false);
    quiet.run();
    callsWithoutTrouble = quiet.figures.calls;
  }

  @AfterAll
  static void giveTheLogBack() {
    LogCapture taken = log;
    if (taken != null) {
      taken.close();
    }
  }

  static LongStream seeds() {
    return LongStream.range(SEED, SEED + SEEDS);
  }

  /**
   * An item is excused while its group has an outage or a pause, until it has recovered from that; and an item that
   * failed by itself, until it is due again.
   */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void M1_M2_R7_R12_aThousandPeriodsOfTrouble_costLittle(long seed, TestReporter reporter) {
    FailureSimulation simulation = new FailureSimulation(seed, true);
    simulation.run();
    FailureFigures figures = simulation.figures;
    reporter.publishEntry("seed " + seed, figures.toString());
    SoftAssertions all = new SoftAssertions();
    checkAges(all, figures);
    checkRecoveries(all, figures);
    checkCalls(all, figures, simulation.troubles);
    checkThreads(all, figures);
    all.assertAll();
  }

  private static void checkAges(SoftAssertions all, FailureFigures figures) {
    all.assertThat(figures.oldestNeighbour).as("the age of a good neighbour of a poison item")
        .isLessThanOrEqualTo(LOGARITHM * (TIMEOUT + BACKOFF) + 2 * PERIOD);
    all.assertThat(figures.oldestOther).as("the age of any other item").isLessThanOrEqualTo(3 * PERIOD);
  }

  private static void checkRecoveries(SoftAssertions all, FailureFigures figures) {
    all.assertThat(figures.longestRecovery).as("all is fresh after thrown calls")
        .isLessThanOrEqualTo(2 * PERIOD + BACKOFF + TOLERANCE);
    all.assertThat(figures.longestRecoveryAfterProbe).as("all is fresh after the first probe that succeeds")
        .isLessThanOrEqualTo(2 * PERIOD + TOLERANCE);
    // The first probe after an outage may have a bad item, and fail: then the next one finds the remote.
    all.assertThat(figures.longestProbe).as("hung calls are probed")
        .isLessThanOrEqualTo(2 * LONGEST_PROBE + TIMEOUT + PERIOD);
  }

  /**
   * Of a poison that stays, the retries when it is alone are counted apart: one each back-off. Items that fail by
   * outcomes of their own come back when each is due: in a group where three of ten do, there are twice as many calls.
   */
  private static void checkCalls(SoftAssertions all, FailureFigures figures, Troubles troubles) {
    long poisons = troubles.poisons.size();
    all.assertThat(figures.calls).as("calls")
        .isLessThanOrEqualTo(11 * callsWithoutTrouble / 10 + poisons * (2 * LOGARITHM + 1));
    long poisoned = troubles.poisons.stream().mapToLong(poison -> poison.until() - poison.from()).sum();
    all.assertThat(figures.retriesAlone).as("retries of poison items alone")
        .isLessThanOrEqualTo(poisoned / (BACKOFF / 2) + poisons);
    long batches = ITEMS / GROUPS / BATCH;
    long calls = 0;
    for (Troubles.Episode outage : troubles.episodes) {
      long periods = (outage.until() - outage.from()) / PERIOD;
      // In ten periods as many batches may be halved as the group has.
      calls += outage.kind() == Kind.OUTAGE ? batches * (periods + 1 + Math.ceilDiv(periods, 10)) : 0;
    }
    all.assertThat((long) figures.calls(Kind.OUTAGE)).as("calls during outages").isLessThanOrEqualTo(calls);
  }

  /** When more than maxConcurrency calls of a group hang, as many may run; then there is one more for each probe. */
  private static void checkThreads(SoftAssertions all, FailureFigures figures) {
    int probes = LOGARITHM + 15 / 5;
    all.assertThat(figures.mostAbandonedOfGroup).as("abandoned calls of a group that is down")
        .isLessThanOrEqualTo(2 * CONCURRENCY + probes);
    int probesOfPoison = LOGARITHM + 50 / 5;
    all.assertThat(figures.mostAbandonedOfPoison).as("abandoned calls of a poison item")
        .isLessThanOrEqualTo(LOGARITHM + 1 + probesOfPoison);
  }

  @Test
  void theSameSeed_givesTheSameTrace() {
    String hash = new FailureSimulation(SEED, true).run();
    assertThat(new FailureSimulation(SEED, true).run()).isEqualTo(hash);
    assertThat(new FailureSimulation(SEED + 1, true).run()).isNotEqualTo(hash);
  }
}
