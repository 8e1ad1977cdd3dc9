package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.HOUR;
import static io.autorefresh.proof.simulation.VirtualTime.MILLI;
import static io.autorefresh.proof.simulation.VirtualTime.MINUTE;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import java.util.SplittableRandom;

/**
 * The remote and the users of the simulated cache: what they do, and when, drawn from the seed. Most calls are quick;
 * some are slow, fail, throttle or hang, and some of these ignore their interruption. Each day has its mishaps: an
 * outage, in which every call fails; a slowness, in which there are not slots enough; storms of new items; and one of
 * deletions, more than belong into a tenth of a period.
 */
final class Scenario {

  /** How a call ends. */
  enum Fate {
    ANSWERS,
    THROWS,
    THROTTLES,
    HANGS,
    HANGS_ON
  }

  static final int ITEMS = 100_000;
  static final int IDS = 130_000;
  static final int MAXIMUM_SIZE = 102_000;
  static final int BATCH = 20;
  static final int CONCURRENCY = 16;
  static final double CALLS_PER_SECOND = 30;
  static final long PERIOD = 30 * MINUTE;
  static final long TIMEOUT = 30 * SECOND;
  static final long BACKOFF_INITIAL = 30 * SECOND;
  static final long BACKOFF_MAX = HOUR;
  static final long MAX_START_DELAY = 2 * MILLI;

  static final long DAY = 24 * HOUR;
  private static final long OUTAGE = 6 * HOUR;
  private static final long OUTAGE_END = OUTAGE + 25 * MINUTE;
  private static final long SLOWNESS = 12 * HOUR;
  private static final long SLOWNESS_END = SLOWNESS + 30 * MINUTE;
  static final long DELETIONS = 16 * HOUR + 7 * MINUTE;
  /** While the deletions have the cycle for themselves: both want all the calls there are. */
  static final long CREATIONS = 16 * HOUR + 31 * MINUTE;

  final SplittableRandom random;
  final SplittableRandom jitter;

  Scenario(long seed) {
    random = new SplittableRandom(seed);
    jitter = random.split();
  }

  /** Whether there are not slots enough, and so more to do than fits. */
  static boolean isOverload(long now) {
    return isSlow(now);
  }

  /** How many first refreshes begin in a second at the least, if there are so many to do. */
  static double firstsPerSecond(long now) {
    boolean slow = isSlow(now) || isSlow(now + 2 * MINUTE);
    return BATCH * (slow ? 1.5 : 15);
  }

  /** Whether what is going on, or was a while ago, makes cycles uneven. */
  static boolean isDisturbed(long now) {
    long hour = now % DAY;
    return hour >= OUTAGE && hour < OUTAGE_END + 3 * PERIOD
        || hour >= SLOWNESS && hour < SLOWNESS_END + 2 * PERIOD
        || hour >= DELETIONS && hour < CREATIONS + 2 * PERIOD;
  }

  private static boolean isOutage(long now) {
    long hour = now % DAY;
    return hour >= OUTAGE && hour < OUTAGE_END;
  }

  private static boolean isSlow(long now) {
    long hour = now % DAY;
    return hour >= SLOWNESS && hour < SLOWNESS_END;
  }

  Fate fate(long now) {
    double draw = random.nextDouble();
    if (isOutage(now) || draw < 0.002) {
      return Fate.THROWS;
    }
    if (draw < 0.004) {
      return Fate.THROTTLES;
    }
    if (draw < 0.005) {
      return Fate.HANGS;
    }
    return draw < 0.0052 ? Fate.HANGS_ON : Fate.ANSWERS;
  }

  /** A third of a second in the mean, rarely more than two. */
  long latency(long now) {
    long exponential = (long) (-Math.log(1 - random.nextDouble()) * 300 * MILLI);
    long latency = 30 * MILLI + exponential;
    return Math.min(isSlow(now) ? 20 * latency : latency, TIMEOUT - SECOND);
  }

  long startDelay() {
    return random.nextLong(MAX_START_DELAY + 1);
  }

  /** How long an interrupted call takes to notice. */
  long politeness() {
    return random.nextLong(80 * MILLI);
  }

  /** How long one that does not care goes on. */
  long stubbornness() {
    return random.nextLong(2 * MINUTE, 20 * MINUTE);
  }

  long retryAfter() {
    return random.nextLong(10 * SECOND, 2 * HOUR);
  }

  /** How long until the next event of a kind that comes so often in the mean. */
  long until(long mean) {
    return 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  int id() {
    return random.nextInt(IDS);
  }
}
