package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** R8, and when a line before a full gate is woken. */
class GateTest {

  private static final int SLOTS = 64;

  private final ManualTicker realTime = new ManualTicker();
  private final Alarm alarm = new Alarm(realTime, realTime);
  private final Gate gate = new Gate(SLOTS, null);
  private boolean saturated;
  private final Gate.Line line = gate.new Line(alarm, false, () -> saturated);

  /** Begins jobs until the gate is full, each so long after the one before. */
  private void fill(Duration pause) {
    while (line.tryBegin(realTime.read(), 1) == 0) {
      realTime.advance(pause);
    }
    assertThat(gate.running()).isEqualTo(SLOTS);
  }

  private void end(int jobs) {
    for (int i = 0; i < jobs; i++) {
      gate.end();
    }
  }

  private boolean isRung() {
    return alarm.left() == 0;
  }

  @Test
  void R8_whereJobsAreSlowEachThatEndsWakesTheLine() {
    fill(Duration.ofMillis(20));
    assertThat(isRung()).isFalse();
    end(1);
    assertThat(isRung()).isTrue();
    assertThat(line.tryBegin(realTime.read(), 1)).isZero();
    assertThat(line.tryBegin(realTime.read(), 1)).isEqualTo(Alarm.NEVER);
  }

  @Test
  void R8_whereJobsAreShortSeveralOfThemWakeTheLine() {
    fill(Duration.ofNanos(100));
    end(SLOTS / 8 - 1);
    assertThat(isRung()).isFalse();
    end(1);
    assertThat(isRung()).isTrue();
  }

  @Test
  void R8_aFreeSlotNeverWaitsForTheEndOfOthers() {
    fill(Duration.ofNanos(100));
    end(1);
    assertThat(isRung()).isFalse();
    assertThat(alarm.left()).as("it looks again soon").isLessThanOrEqualTo(200_000);
    realTime.advance(Duration.ofNanos(alarm.left()));
    assertThat(isRung()).isTrue();
    assertThat(line.tryBegin(realTime.read(), 1)).isZero();
  }

  @Test
  void R8_aLineWhoseJobsWaitForProcessorsIsNotWokenByThoseThatEnd() {
    saturated = true;
    fill(Duration.ofNanos(100));
    end(SLOTS);
    assertThat(isRung()).isFalse();
    assertThat(alarm.left()).as("it does not look again").isEqualTo(Alarm.NEVER);
    assertThat(line.tryBegin(realTime.read(), 1)).isEqualTo(Alarm.NEVER);
    saturated = false;
    assertThat(line.tryBegin(realTime.read(), 1)).isZero();
  }

  @Test
  void R8_theLineFollowsThePace() {
    fill(Duration.ofNanos(100));
    end(SLOTS);
    alarm.reset();
    fill(Duration.ofMillis(20));
    end(1);
    assertThat(isRung()).isTrue();
  }

  @Test
  void R8_aLineThatStandsAloneTakesSeveralSlots_andGivesBackWhatItDoesNotUse() {
    assertThat(line.tryBegin(realTime.read(), SLOTS)).isZero();
    assertThat(gate.running()).isEqualTo(SLOTS);
    assertThat(line.tryBegin(realTime.read(), SLOTS - 1)).isZero();
    line.stepAside();
    assertThat(gate.running()).isEqualTo(2);
    assertThat(line.tryBegin(realTime.read(), SLOTS)).isZero();
    assertThat(gate.running()).as("no more than there are").isEqualTo(SLOTS);
    line.close();
    assertThat(gate.running()).isEqualTo(3);
  }

  @Test
  void R8_linesSideBySideTakeOneSlotAtATime() {
    gate.new Line(new Alarm(realTime, realTime), true, () -> false);
    assertThat(line.tryBegin(realTime.read(), SLOTS)).isZero();
    assertThat(gate.running()).isEqualTo(1);
  }

  @Test
  void R8_aLineThatGoesLetsTheLastOneThatWaitsLookAgain() {
    Gate.Line urgent = gate.new Line(new Alarm(realTime, realTime), true, () -> false);
    assertThat(urgent.tryBegin(realTime.read(), 1)).isZero();
    assertThat(line.tryBegin(realTime.read(), 1)).as("it is the other's turn").isEqualTo(Alarm.NEVER);
    assertThat(isRung()).isFalse();
    urgent.close();
    assertThat(isRung()).isTrue();
    assertThat(line.tryBegin(realTime.read(), 1)).isZero();
  }

  @Test
  void R8_aSlotThatIsGivenBackWhileTheLineLooksIsNotMissed() throws InterruptedException {
    fill(Duration.ofNanos(1));
    Thread[] enders = new Thread[4];
    for (int i = 0; i < enders.length; i++) {
      enders[i] = Thread.ofPlatform().start(() -> end(SLOTS / 4));
    }
    int begun = 0;
    while (begun < SLOTS) {
      if (line.tryBegin(realTime.read(), 1) == 0) {
        begun++;
      } else {
        realTime.advance(Duration.ofMillis(1));
        Thread.onSpinWait();
      }
      assertThat(gate.running()).isBetween(0, SLOTS);
    }
    for (Thread ender : enders) {
      ender.join();
    }
    assertThat(gate.running()).isEqualTo(SLOTS);
  }
}
