package io.autorefresh.proof.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.LogCapture;
import io.autorefresh.proof.Proof;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Days in the life of 100,000 items, in seconds. What the library decides, it decides here in virtual time, in one
 * thread. The rules of the contract are checked with each call. The long form takes {@code -Dsimulation.seed=N} for the
 * first seed and {@code -Dsimulation.hours=N}.
 */
@Proof
@Tag("simulation")
class SimulationTest {

  private static final boolean LONG = "simulation".equals(System.getProperty("proof"));
  private static final long SEED = Long.getLong("simulation.seed", 1);
  private static final long LENGTH = Long.getLong("simulation.hours", LONG ? 72 : 24) * VirtualTime.HOUR;

  /** In brief, two runs of one seed take a part of the time. */
  private static final int SHARE = LONG ? 1 : 8;

  private static @Nullable LogCapture log;

  @BeforeAll
  static void takeTheLog() {
    log = LogCapture.open();
  }

  @AfterAll
  static void giveTheLogBack() {
    LogCapture taken = log;
    if (taken != null) {
      taken.close();
    }
  }

  /** In brief, settings other than the first are for a part of the day, in which there is an outage. */
  static Stream<Arguments> simulations() {
    return LongStream.range(SEED, SEED + (LONG ? 5 : 1)).boxed().flatMap(seed -> Stream.of(Scenario.Settings.values())
        .map(settings -> Arguments.of(settings, seed, LONG || settings.ordinal() == 0 ? LENGTH : LENGTH / 3)));
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("simulations")
  void C4_C5_D3_D4_L2_M1_R1_R2_R3_R6_R7_R8_R9_R10_R12_S1_S6_everyDay_keepsTheContract(
      Scenario.Settings settings, long seed, long length, TestReporter reporter) {
    naming(seed, () -> {
      Simulation simulation = new Simulation(settings, seed, length);
      while (simulation.next() != null) {
        // The rules are checked on the way.
      }
      reporter.publishEntry(settings + ", seed " + seed, simulation.figures());
    });
  }

  /** Two runs go side by side, so that a difference shows at its first line. */
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("simulations")
  void theSameSeed_givesTheSameTrace(Scenario.Settings settings, long seed, long length) {
    naming(seed, () -> {
      Simulation one = new Simulation(settings, seed, length / SHARE);
      Simulation other = new Simulation(settings, seed, length / SHARE);
      for (String line; (line = one.next()) != null; ) {
        String same = other.next();
        if (!line.equals(same)) {
          assertThat(same).as("the first line that differs").isEqualTo(line);
        }
      }
      assertThat(other.next()).as("a line too many").isNull();
      assertThat(one.hash()).isEqualTo(other.hash());
    });
  }

  private static void naming(long seed, Runnable run) {
    try {
      run.run();
    } catch (Throwable t) {
      throw new AssertionError("-Dsimulation.seed=" + seed + ": " + t.getMessage(), t);
    }
  }

  @Test
  void otherSeeds_giveOtherTraces() {
    assertThat(LongStream.range(SEED, SEED + 3).mapToObj(SimulationTest::hashOfAnHour)).doesNotHaveDuplicates();
  }

  private static String hashOfAnHour(long seed) {
    Simulation simulation = new Simulation(Scenario.Settings.GROUPS, seed, VirtualTime.HOUR);
    for (String line; (line = simulation.next()) != null; ) {
      assertThat(line).isNotEmpty();
    }
    return simulation.hash();
  }
}
