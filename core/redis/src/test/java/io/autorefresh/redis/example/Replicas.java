package io.autorefresh.redis.example;

import io.autorefresh.redis.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * An example to run and watch for 40 seconds: several JVMs keep the same 5,000 jobs fresh, and share the work through a
 * redis-server. A replica is killed and started again, then the server. In the end it says how many calls the service
 * got and how old the jobs became, and exits non-zero if a bound was broken.
 *
 * <p>What sets the library up is in {@link Replica}; the remote is {@link Service}. The argument is the number of
 * replicas, 3 by default.
 */
public final class Replicas {

  /** What a loaded machine may add to an age: a pause of the JVM, and the 250 ms between two reports. */
  private static final long ROOM_MILLIS = 500;
  /** What a window of some seconds may add to a rate. */
  private static final double ROOM_OF_CALLS = .1;
  private static final long PERIOD_MILLIS = Replica.PERIOD.toMillis();
  private static final long OLDEST = PERIOD_MILLIS * 13 / 10 + Service.CALL_TIME.toMillis() + ROOM_MILLIS;

  private final Service service;
  private final RedisServer redis;
  private final List<ReplicaProcess> replicas = new ArrayList<>();
  private final long begun = System.nanoTime();
  private double one;
  private double oneIds;
  private boolean kept = true;

  /** What was seen in a part of the run. */
  private record Seen(double callsPerSecond, double idsPerSecond, long oldest) {}

  private Replicas(Service service, RedisServer redis, int count) {
    this.service = service;
    this.redis = redis;
    for (int i = 1; i <= count; i++) {
      replicas.add(new ReplicaProcess("replica-" + i, service, redis.uri()));
    }
  }

  private void run() throws Exception {
    say("one replica alone");
    replicas.getFirst().start();
    watch(3);
    Seen alone = watch(4);
    one = alone.callsPerSecond;
    oneIds = alone.idsPerSecond;

    say("the other replicas start");
    for (ReplicaProcess replica : replicas.subList(1, replicas.size())) {
      replica.start();
    }
    watch(4);
    final Seen calm = watch(5);

    say("a replica is killed");
    replicas.getLast().kill();
    final Seen killed = watch(4);
    say("and started again");
    replicas.getLast().start();
    watch(4);

    say("the server is killed");
    redis.kill();
    final Seen down = watch(5);
    say("and started again");
    redis.begin();
    watch(3 * Replica.PERIOD.toSeconds());
    final Seen back = watch(5);

    int count = replicas.size();
    System.out.printf(Locale.ROOT, "%nOne replica alone makes %.1f calls a second. Bounds have room for a loaded machine: "
        + "%.1f for calls, %d ms for ages.%n", one, ROOM_OF_CALLS, ROOM_MILLIS);
    checkCalls("P1 calls of all while all is well", calm, 1.1);
    checkAges("P3 oldest job after the kill of a replica", killed);
    checkAges("P4 oldest job while the server is down", down);
    checkCalls("P4 calls of all while the server is down", down, 1.05 * count);
    checkCalls("P4 calls of all from 3 periods after its return", back, 1.1);
  }

  private void checkCalls(String what, Seen seen, double bound) {
    double times = seen.callsPerSecond / one;
    check(what, times <= bound + ROOM_OF_CALLS, "%.2f times one replica's of %.2f; jobs asked for: %.2f",
        times, bound + ROOM_OF_CALLS, seen.idsPerSecond / oneIds);
  }

  private void checkAges(String what, Seen seen) {
    check(what, seen.oldest > 0 && seen.oldest <= OLDEST, "%,d ms of %,d", seen.oldest, OLDEST);
  }

  private void check(String what, boolean holds, String format, Object... figures) {
    kept &= holds;
    System.out.printf(Locale.ROOT, "  %-6s %-50s %s%n", holds ? "ok" : "BROKEN", what,
        String.format(Locale.ROOT, format, figures));
  }

  private void say(String what) {
    System.out.printf("%n%s; per replica: calls/s, ages p50 p99 max in ms%n", what);
  }

  /** Draws a row a second. */
  private Seen watch(long seconds) throws InterruptedException {
    long start = System.nanoTime();
    long calls = calls();
    long ids = service.ids();
    replicas.forEach(ReplicaProcess::forgetOldest);
    for (int second = 1; second <= seconds; second++) {
      long before = calls();
      long rowStart = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(start + TimeUnit.SECONDS.toNanos(second) - rowStart);
      StringBuilder row = new StringBuilder();
      replicas.forEach(replica -> row.append(replica.cell()));
      System.out.printf(Locale.ROOT, "%5.1f s %s| all %3.0f, one %s%n", (System.nanoTime() - begun) / 1e9, row,
          (calls() - before) * 1e9 / (System.nanoTime() - rowStart), one == 0 ? "?" : Math.round(one));
    }
    double elapsed = (System.nanoTime() - start) / 1e9;
    return new Seen((calls() - calls) / elapsed, (service.ids() - ids) / elapsed,
        replicas.stream().mapToLong(ReplicaProcess::oldest).max().orElseThrow());
  }

  private long calls() { return replicas.stream().mapToLong(ReplicaProcess::calls).sum(); }

  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    boolean kept;
    try (RedisServer redis = RedisServer.start(); Service service = new Service()) {
      Replicas example = new Replicas(service, redis, count);
      try {
        example.run();
      } finally {
        for (ReplicaProcess replica : example.replicas) {
          replica.kill();
        }
      }
      kept = example.kept;
    } catch (TestAbortedException e) {
      System.out.println(e.getMessage());
      kept = false;
    }
    if (!kept) {
      System.exit(1);
    }
  }
}
