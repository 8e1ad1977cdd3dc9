package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R9 as arithmetic: when each of a cycle's calls may begin. All times but the ticker's count from the first cycle. */
class EvenSpreadTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long PERIOD = 100 * SECOND;
  /** Near the wrap-around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - SECOND;

  private final Spread spread = new Spread();
  private final List<Long> begins = new ArrayList<>();
  private long now;

  private void plan(long period, int calls) {
    spread.plan(ORIGIN + now, period, calls);
  }

  /** Lets calls begin as soon as they may. */
  private void begin(int calls) {
    for (int i = 0; i < calls; i++) {
      now += spread.delay(ORIGIN + now);
      beginNow();
    }
  }

  /** Lets them begin at multiples of the step only: as soon as they may by such a clock. */
  private void begin(int calls, long step) {
    for (int i = 0; i < calls; i++) {
      now += Math.ceilDiv(spread.delay(ORIGIN + now), step) * step;
      beginNow();
    }
  }

  /** Lets those begin that may before that time. */
  private int beginUntil(long end) {
    int calls = 0;
    while (now + spread.delay(ORIGIN + now) < end) {
      begin(1);
      calls++;
    }
    now = end;
    return calls;
  }

  private void beginNow() {
    if (spread.delay(ORIGIN + now) > 0) {
      fail("there is a delay after the delay at %s", now);
    }
    spread.begin(ORIGIN + now, Spread.IN_TIME);
    begins.add(now);
  }

  private static double allowed(int calls, long period) {
    double mean = (double) calls * SECOND / period;
    return Math.max(Math.ceil(mean), 1.2 * mean);
  }

  private int mostInASecond() {
    int most = 0;
    for (int first = 0, last = 0; last < begins.size(); last++) {
      while (begins.get(last) - begins.get(first) >= SECOND) {
        first++;
      }
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 150, 166, 190, 200, 210, 244, 249, 250, 300, 310, 333, 400, 410, 416, 500, 1_000, 2_000,
      3_333, 10_000, 100_000, 300_000})
  void R9_aSpreadIsEvenInEverySecondAndEndsWithinThePeriod(int calls) {
    plan(PERIOD, calls);
    begin(calls);
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(calls, PERIOD));
    assertThat(begins.getLast()).isBetween(PERIOD * 85 / 100, PERIOD);
    long gap = begins.get(1);
    assertThat(IntStream.range(0, calls)).as("one gap for all").allMatch(i -> begins.get(i) == i * gap);
  }

  @ParameterizedTest(name = "{0} calls in 100 seconds, in {1} hundredths of them")
  @CsvSource({"10, 90", "50, 90", "110, 91", "150, 90", "210, 90", "244, 90", "310, 90", "410, 90", "1000, 90"})
  void R9_aSpreadLeavesRoomForDelaysWhereverASecondSeesNoMoreByThat(int calls, int hundredths) {
    plan(PERIOD, calls);
    begin(calls + 1);
    assertThat(begins.getLast()).isLessThanOrEqualTo(PERIOD * hundredths / 100 + SECOND / 100);
  }

  @Test
  void R9_aSpreadOfNothingIsOfOne() {
    plan(PERIOD, 0);
    begin(2);
    assertThat(begins.getLast()).isBetween(PERIOD * 9 / 10, PERIOD);
  }

  static Stream<Arguments> coarseClocks() {
    return Stream.of(10L, 20L, 40L, 50L, 100L, 125L, 200L, 250L, 500L, 1_000L).flatMap(step ->
        IntStream.of(10, 100, 150, 200, 210, 300, 333, 400, 410, 500, 1_000, 1_500, 2_000, 10_000)
            .mapToObj(calls -> Arguments.of(step, calls)));
  }

  /** A clock's delay must not add up over the calls, nor over the cycles. */
  @ParameterizedTest(name = "steps of {0} ms, {1} calls in 100 seconds")
  @MethodSource("coarseClocks")
  void R9_withACoarseClockToo_eachCycleIsEvenAndEndsWithinThePeriod(long step, int calls) {
    for (int cycle = 0; cycle < 3; cycle++) {
      now = cycle * PERIOD;
      plan(PERIOD, calls);
      begin(calls, step * MILLI);
      assertThat(now).as("the end of cycle %s", cycle).isLessThanOrEqualTo((cycle + 1) * PERIOD);
    }
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(calls, PERIOD));
  }

  @ParameterizedTest
  @ValueSource(ints = {210, 1_000, 2_000, 10_000, 100_000, 300_000})
  void R9_aPauseIsCaughtUp(int calls) {
    plan(PERIOD, calls);
    int before = beginUntil(PERIOD / 3);
    now += 300 * MILLI;
    begin(calls - before);
    assertThat(now).as("as if there had been none").isLessThanOrEqualTo(PERIOD * 90 / 100);
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(calls, PERIOD));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 210, 1_000, 2_000, 10_000, 100_000, 300_000})
  void R9_aPauseOfAnHourBringsNoBurst(int calls) {
    plan(PERIOD, calls);
    int before = beginUntil(PERIOD / 3);
    now += 3_600 * SECOND;
    begin(calls - before);
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(calls, PERIOD));
  }

  /** After a pause, the one that is let begin may reach the remote after others that are let begin after it. */
  @ParameterizedTest
  @ValueSource(ints = {110, 210, 500, 1_000, 2_000, 3_333, 10_000, 80_000})
  void R9_theLimitIsThatOfTheCallsThemselvesThoughTheyAreLate(int calls) {
    Random random = new Random(calls);
    plan(PERIOD, calls);
    for (int i = 0; i < calls; i++) {
      if (i == calls / 20) {
        now += 300 * MILLI;
      }
      beginLate(random.nextInt(5) == 0 ? random.nextLong(120 * MILLI) : 0);
    }
    begins.sort(null);
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(calls, PERIOD));
    assertThat(now).as("they end within the period").isLessThanOrEqualTo(PERIOD);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 110, 200, 210, 400, 410, 450, 500, 599, 1_000, 2_000, 3_333, 10_000, 300_000})
  void R9_whereEachCallIsLateTheyEndWithinThePeriodAllTheSame(int calls) {
    plan(PERIOD, calls);
    for (int i = 0; i < calls; i++) {
      beginLate(10 * SECOND);
    }
    assertThat(now).isLessThanOrEqualTo(PERIOD);
  }

  /** Lets a call begin as soon as it may, which does so later. */
  private void beginLate(long late) {
    for (long delay; (delay = spread.delay(ORIGIN + now)) > 0; ) {
      now += delay;
    }
    long letBegin = now;
    spread.begin(ORIGIN + letBegin, () -> Math.min(now - letBegin, late));
    begins.add(letBegin + late);
  }

  @Test
  void R9_aPauseIsOfNoAccountToTheNextCycle() {
    plan(PERIOD, 1_000);
    begin(500);
    now = 2 * PERIOD;
    plan(PERIOD, 1_000);
    begin(1_000);
    assertThat(begins.get(501) - begins.get(500)).as("the second call is not due yet").isEqualTo(90 * MILLI);
    assertThat(now).isBetween(2 * PERIOD + PERIOD * 89 / 100, 2 * PERIOD + PERIOD * 90 / 100);
  }

  /** The first cycle is cut off in the thick of it. */
  @ParameterizedTest
  @CsvSource({"1000, 1000", "1000, 100", "100, 1000", "100000, 1000", "1000, 100000", "300000, 200000",
      "200000, 300000", "300000, 100", "100, 300000"})
  void R9_theLimitHoldsOverTheBorderOfTwoCycles(int before, int after) {
    plan(PERIOD, before);
    beginUntil(PERIOD / 2);
    plan(PERIOD, after);
    int border = begins.size();
    begin(after);
    assertThat((double) mostInASecond()).isLessThanOrEqualTo(allowed(Math.max(before, after), PERIOD));
    int most = (int) allowed(after, PERIOD);
    assertThat(IntStream.range(Math.max(border, most), begins.size())).as("from the first call on, that of the new one")
        .allMatch(i -> begins.get(i) - begins.get(i - most) >= SECOND);
  }

  @Test
  void R9_aHigherLimitThanThatOfTheCycleBeforeIsInForceAtOnce() {
    plan(PERIOD, 100);
    begin(50);
    now += 100 * MILLI;
    plan(PERIOD, 1_000);
    begin(6);
    assertThat(now - begins.get(49)).as("six calls more").isEqualTo(100 * MILLI + 5 * 90 * MILLI);
  }

  /** It knows no more than the last of the first one's calls. */
  @Test
  void R9_theLimitHoldsOverACycleWithoutCallsToo() {
    plan(PERIOD, 10_000);
    beginUntil(10 * SECOND);
    plan(10 * MILLI, 0);
    now += 10 * MILLI;
    plan(PERIOD, 10_000);
    beginUntil(20 * SECOND);
    assertThat(mostInASecond()).isLessThanOrEqualTo(120);
  }

  /** Of each thousand calls in the limit, at most one is given away. */
  @Test
  void R9_theLimitOfManyCallsIsUsedToo() {
    int most = 12_000;
    plan(PERIOD, most / 12 * 10 * 100);
    now += PERIOD / 2;
    begin(3 * most);
    assertThat(begins.getLast()).as("the time of three seconds' calls, since the pause")
        .isBetween(PERIOD / 2 + 2 * SECOND, PERIOD / 2 + 3 * SECOND);
    assertThat(begins.stream().filter(at -> at < PERIOD / 2 + SECOND)).hasSizeBetween(most - most / 1_000, most);
  }

  @Test
  void R9_wherePlacesCameBeforeThereWasAnythingToBegin_theyAreLost() {
    plan(PERIOD, 1_000);
    begin(10);
    now = PERIOD / 2;
    spread.idle(ORIGIN + now);
    begin(3);
    assertThat(begins.subList(10, 13))
        .containsExactly(PERIOD / 2, PERIOD / 2 + 90 * MILLI, PERIOD / 2 + 180 * MILLI);
    spread.idle(ORIGIN + now);
    begin(1);
    assertThat(now).as("the one that comes is not").isEqualTo(PERIOD / 2 + 270 * MILLI);
  }
}
