package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.HOUR;
import static io.autorefresh.proof.simulation.VirtualTime.MILLI;
import static io.autorefresh.proof.simulation.VirtualTime.MINUTE;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The remote and the users of the simulated cache: what they do, and when, drawn from the seed. Most calls are quick.
 * Some are slow, fail, throttle or hang, and some of these ignore their interruption. Each day has its mishaps: an
 * outage, in which every call fails; a slowness, in which there are not slots enough; storms of new items; and one of
 * deletions, more than belong into a tenth of a period.
 */
final class Scenario {

  /** How a call ends. */
  enum Fate {
    ANSWERS,
    THROWS,
    /** It throws, and says when to come back: its group is paused. */
    THROTTLES,
    HANGS,
    HANGS_ON
  }

  /** The settings that differ. */
  enum Settings {
    GROUPS(true, true),
    ONE_GROUP(false, true),
    NOT_SPREAD(true, false);

    final boolean grouped;
    final boolean spread;

    Settings(boolean grouped, boolean spread) {
      this.grouped = grouped;
      this.spread = spread;
    }
  }

  static final int ITEMS = 100_000;
  static final int IDS = 130_000;
  static final int MAXIMUM_SIZE = 101_000;
  static final int GROUPS = 5;
  static final int BATCH = 20;
  static final int CONCURRENCY = 16;
  static final double CALLS_PER_SECOND = 30;
  static final int DELETED_AFTER = 2;
  static final long PERIOD = 30 * MINUTE;
  static final long TIMEOUT = 5 * MINUTE;
  static final long BACKOFF_INITIAL = 30 * SECOND;
  static final long BACKOFF_MAX = HOUR;
  static final long MAX_START_DELAY = 2 * MILLI;

  static final long DAY = 24 * HOUR;
  private static final long OUTAGE = 6 * HOUR;
  private static final long OUTAGE_END = OUTAGE + 25 * MINUTE;
  private static final long SLOWNESS = 12 * HOUR;
  private static final long SLOWNESS_END = SLOWNESS + 40 * MINUTE;
  static final long DELETIONS = 16 * HOUR + 7 * MINUTE;
  /** While the deletions have the cycle for themselves: both want all the calls there are. */
  static final long CREATIONS = 16 * HOUR + 31 * MINUTE;

  final Settings settings;
  private final SplittableRandom random;
  final SplittableRandom jitter;

  Scenario(Settings settings, long seed) {
    this.settings = settings;
    random = new SplittableRandom(seed);
    jitter = random.split();
  }

  /** Whether there is more to do than fits, or was so short a time ago that what was left may not be done yet. */
  static boolean isOverload(long now) {
    return isIn(now, SLOWNESS, SLOWNESS_END + 2 * PERIOD) || isIn(now, DELETIONS, CREATIONS + 2 * PERIOD)
        || isIn(now, OUTAGE, OUTAGE_END + 4 * PERIOD);
  }

  private static boolean isOutage(long now) {
    return isIn(now, OUTAGE, OUTAGE_END);
  }

  private static boolean isSlow(long now) {
    return isIn(now, SLOWNESS, SLOWNESS_END);
  }

  private static boolean isIn(long now, long from, long until) {
    long hour = now % DAY;
    return hour >= from && hour < until;
  }

  // The remote

  /** The group of a new item: most are in the first one, and a few dozen in the last. */
  int group(int id) {
    if (!settings.grouped) {
      return 0;
    }
    int part = id % 100;
    return id < 40 ? 4 : part < 60 ? 0 : part < 85 ? 1 : part < 98 ? 2 : 3;
  }

  Fate fate(long now) {
    double draw = random.nextDouble();
    if (isOutage(now) || draw < 0.002) {
      return Fate.THROWS;
    }
    if (draw < 0.00204) {
      return Fate.THROTTLES;
    }
    if (draw < 0.0025) {
      return Fate.HANGS;
    }
    return draw < 0.003 ? Fate.HANGS_ON : Fate.ANSWERS;
  }

  /** What the remote says of an item; null is nothing. */
  @Nullable Outcome<Value> answer(Value value) {
    double draw = random.nextDouble();
    if (draw < 0.003) {
      return Outcome.failed(new IllegalArgumentException("of the item"));
    } else if (draw < 0.004) {
      return Outcome.failed(throttled());
    } else if (draw < 0.006) {
      return null;
    } else if (draw < 0.008) {
      return Outcome.deleted();
    }
    Outcome<Value> outcome = Outcome.unchanged();
    if (draw < 0.1) {
      boolean moves = settings.grouped && draw < 0.018 && value.group() < GROUPS - 1;
      int group = moves ? (value.group() + 1) % (GROUPS - 1) : value.group();
      outcome = Outcome.updated(value.next(draw > 0.096, group));
    } else if (draw < 0.11) {
      outcome = Outcome.updated(new Value(value.generation(), value.version(), value.group(), value.isFinal()));
    }
    if (random.nextInt(50) == 0) {
      outcome = outcome.aged(Duration.ofNanos(random.nextLong(HOUR)));
    }
    return random.nextInt(100) == 0 ? outcome.nextIn(Duration.ofNanos(nextIn())) : outcome;
  }

  private long nextIn() {
    return random.nextInt(4) == 0 ? random.nextLong(SECOND) : random.nextLong(3 * PERIOD);
  }

  /** Returns what a call throws. A pause is longer than the least delay that counts, and sometimes too long. */
  Exception thrown(Call call) {
    if (call.fate != Fate.THROTTLES) {
      return new IllegalStateException(call.fate.name());
    }
    call.asked = random.nextLong(PERIOD / 10, random.nextInt(8) == 0 ? 2 * HOUR : PERIOD / 2);
    return new RetryAfterException(Duration.ofNanos(call.asked));
  }

  private RetryAfterException throttled() {
    return new RetryAfterException(Duration.ofNanos(random.nextLong(10 * SECOND, 2 * HOUR)));
  }

  /** Whether a deletion fails that would go through. */
  boolean failsDeletion() {
    return random.nextInt(50) == 0;
  }

  /** A third of a second in the mean, rarely more than two; but one in a hundred takes minutes. */
  long latency(long now) {
    if (random.nextInt(100) == 0) {
      return random.nextLong(SECOND, TIMEOUT - SECOND);
    }
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

  /** How long a call that ignores its interruption goes on: some for many cycles. */
  long stubbornness() {
    return random.nextInt(3) == 0 ? random.nextLong(HOUR, 9 * HOUR) : random.nextLong(2 * MINUTE, 20 * MINUTE);
  }

  // The users

  /** How long until the next event of a kind that comes so often in the mean. */
  long until(long mean) {
    return 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
  }

  int id() {
    return random.nextInt(IDS);
  }

  /** One of so many. */
  int any(int count) {
    return random.nextInt(count);
  }

  /** Whether something happens that happens once in so many times. */
  boolean isOneOf(int times) {
    return random.nextInt(times) == 0;
  }
}
