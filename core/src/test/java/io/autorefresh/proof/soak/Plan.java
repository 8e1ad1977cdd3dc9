package io.autorefresh.proof.soak;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * What is to happen, as a pure function of the seed. A soak consists of lives, each of a cache of its own; a life of
 * rounds, each with two faults; a round of the operations of every thread.
 */
record Plan(long seed) {

  static final Duration PERIOD = Duration.ofMillis(100);
  static final int ROUNDS = 5;
  static final int OPERATIONS = 200_000;
  static final int IDS = 1_500;
  static final int MAXIMUM_SIZE = 500;
  static final int MAX_CONCURRENCY = 6;
  static final int BATCH = 20;
  static final int GROUPS = 3;
  static final Duration TIMEOUT = Duration.ofMillis(200);

  /** What a thread does, as often in 100,000 times as is said here. */
  enum Operation {
    GET(54_000),
    GET_OR_THROW(8_000),
    CREATE_FROM_VALUE(10_000),
    CREATE_BY_CREATOR(8_000),
    CREATE_BY_DEFAULT(8_000),
    DELETE(2_000),
    INSPECT(6_000),
    SIZE(3_979),
    STATS(20),
    SYNC(1);

    private final int share;

    Operation(int share) {
      this.share = share;
    }
  }

  /** The random numbers of one thread in one round. */
  SplittableRandom numbers(int life, int round, int thread) {
    return new SplittableRandom(mix(mix(mix(seed, life), round), thread));
  }

  private static long mix(long seed, int number) {
    return new SplittableRandom(seed * 31 + number).nextLong();
  }

  /** Whether no background runs in a life, so that there are only the cycles that callers ask for. */
  boolean isAlone(int life) {
    return life % 3 == 1;
  }

  /** Whether the cycles of a life are spread. */
  boolean isSpread(int life) {
    return numbers(life, -1, 2).nextBoolean();
  }

  /** How many times in a row the remote has to say that an item is gone. */
  int deletedAfter(int life) {
    return numbers(life, -1, 3).nextBoolean() ? 1 : 3;
  }

  /** The next operation of a thread; only the first two call for cycles, which keep them waiting. */
  static Operation operation(SplittableRandom numbers, int thread) {
    int left = numbers.nextInt(100_000);
    for (Operation operation : Operation.values()) {
      left -= operation.share;
      if (left < 0) {
        return operation == Operation.SYNC && thread > 1 ? Operation.STATS : operation;
      }
    }
    throw new AssertionError("the shares do not add up");
  }

  /** Some ids are asked for much more often than others. */
  static String id(SplittableRandom numbers) {
    double at = numbers.nextDouble();
    return "id-" + (int) (IDS * at * at);
  }

  /** The fault of the n-th call of a round: one of the round's two, or none. */
  Fault fault(int life, int round, int call) {
    SplittableRandom ofRound = numbers(life, round, -1);
    Fault[] faults = Fault.values();
    // Whatever the seed, a few lives have all of them.
    Fault first = faults[Math.floorMod(seed + (long) life * ROUNDS + round, faults.length)];
    Fault second = faults[ofRound.nextInt(faults.length)];
    if (first == Fault.OUTAGE) {
      return call % 400 < 200 ? Fault.OUTAGE : Fault.NONE;
    }
    SplittableRandom ofCall = numbers(life, round, -2 - call);
    Fault fault = ofCall.nextBoolean() ? first : second;
    return ofCall.nextInt(fault.every) == 0 ? fault : Fault.NONE;
  }

  /** How many calls a second there may be in a life, or 0 for any number. */
  int callsPerSecond(int life) {
    int rate = new int[] {0, 300, 1_000}[numbers(life, -1, 0).nextInt(3)];
    // Where callers wait for each cycle, they would do little else at the lower rates.
    return isAlone(life) ? 10 * rate : rate;
  }

  static String name(int life) {
    return "soak-" + life;
  }

  /** The settings of a life. */
  AutoRefreshBuilder<String, Job> settings(int life) {
    SplittableRandom numbers = numbers(life, -1, 1);
    AutoRefreshBuilder<String, Job> builder = AutoRefresh.<String, Job>builder().name(name(life))
        .refreshEvery(PERIOD).maximumSize(MAXIMUM_SIZE).maxConcurrency(MAX_CONCURRENCY)
        .refreshTimeout(TIMEOUT).backoff(Duration.ofMillis(20), Duration.ofMillis(150)).batchSize(BATCH)
        .spread(isSpread(life)).refreshOnCreate(numbers.nextInt(4) > 0).terminal(Job::done)
        .deletedAfter(deletedAfter(life)).batchBy((id, job) -> id.hashCode() % GROUPS);
    if (callsPerSecond(life) > 0) {
      builder.maxCallsPerSecond(callsPerSecond(life));
    }
    return builder;
  }
}
