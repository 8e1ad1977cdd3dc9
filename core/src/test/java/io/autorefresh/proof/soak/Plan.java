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

  static final int ROUNDS = 5;
  static final int OPERATIONS = 200_000;
  static final int IDS = 1_500;
  static final int MAXIMUM_SIZE = 500;
  static final int MAX_CONCURRENCY = 6;
  static final Duration TIMEOUT = Duration.ofMillis(200);

  /** What a thread does, as often in 100,000 times as is said here. */
  enum Operation {
    GET(50_000),
    GET_OR_THROW(8_000),
    CREATE_FROM_VALUE(10_000),
    CREATE_BY_CREATOR(8_000),
    CREATE_BY_DEFAULT(8_000),
    DELETE(6_000),
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

  /** The next operation of a thread; only the first calls for cycles, which keep it waiting. */
  static Operation operation(SplittableRandom numbers, int thread) {
    int left = numbers.nextInt(100_000);
    for (Operation operation : Operation.values()) {
      left -= operation.share;
      if (left < 0) {
        return operation == Operation.SYNC && thread > 0 ? Operation.STATS : operation;
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
    return new int[] {0, 300, 1_000}[numbers(life, -1, 0).nextInt(3)];
  }

  /** The settings of a life. */
  AutoRefreshBuilder<String, Job> settings(int life) {
    SplittableRandom numbers = numbers(life, -1, 1);
    AutoRefreshBuilder<String, Job> builder = AutoRefresh.<String, Job>builder().name("soak-" + life)
        .refreshEvery(Duration.ofMillis(100)).maximumSize(MAXIMUM_SIZE).maxConcurrency(MAX_CONCURRENCY)
        .refreshTimeout(TIMEOUT).backoff(Duration.ofMillis(20), Duration.ofMillis(150)).batchSize(20)
        .spread(numbers.nextBoolean()).refreshOnCreate(numbers.nextInt(4) > 0).terminal(Job::done)
        .batchBy((id, job) -> id.hashCode() % 3);
    if (callsPerSecond(life) > 0) {
      builder.maxCallsPerSecond(callsPerSecond(life));
    }
    return builder;
  }
}
