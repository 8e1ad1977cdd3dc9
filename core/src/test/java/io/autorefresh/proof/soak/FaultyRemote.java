package io.autorefresh.proof.soak;

import io.autorefresh.BatchRefresher;
import io.autorefresh.Deleter;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The remote of one life: has the faults of the plan, and checks how it is called. */
final class FaultyRemote implements BatchRefresher<String, Job>, Deleter<String, Job> {

  /** A call that is younger than this cannot have been given up. */
  private static final long YOUNG = Plan.TIMEOUT.toNanos() / 3;
  private static final int TERMINAL_EVERY = 40;

  /** A call that runs; its identity matters. */
  private static final class Call {
    final long begun = System.nanoTime();
    /** Whether its time was over before it began, and it may have been given up; looked at after its time was taken. */
    final boolean late = Thread.currentThread().isInterrupted();
    /** The number of its cycle, as it stands in the name of its thread: {@code soak-3/cycle-17/batch-4}. */
    final String cycle = Thread.currentThread().getName().split("/")[1];

    boolean isYoung() {
      return !late && System.nanoTime() - begun < YOUNG;
    }
  }

  private final Plan plan;
  private final int life;
  private final Checks checks;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private final Map<String, Call> refreshing = new ConcurrentHashMap<>();
  private final AtomicInteger number = new AtomicInteger();
  private volatile int round;
  private volatile boolean calm;

  FaultyRemote(Plan plan, int life, Checks checks) {
    this.plan = plan;
    this.life = life;
    this.checks = checks;
  }

  void beginRound(int round) {
    this.round = round;
    number.set(0);
    calm = false;
  }

  /** All is well until the next round. */
  void calmDown() {
    calm = true;
  }

  private Fault fault(int call) {
    return calm ? Fault.NONE : plan.fault(life, round, call);
  }

  int calls() {
    return number.get();
  }

  int running() {
    return calls.size();
  }

  @Override
  public Map<String, Outcome<Job>> refresh(Map<String, Job> items) throws Exception {
    Call call = begin();
    int n = number.incrementAndGet();
    try {
      items.forEach((id, job) -> beginItem(id, job, call));
      Fault fault = fault(n);
      suffer(fault);
      return answer(fault, n, items);
    } finally {
      items.keySet().forEach(id -> refreshing.remove(id, call));
      calls.remove(call);
    }
  }

  @Override
  public void delete(String id, Job job) throws Exception {
    Call call = begin();
    int n = number.incrementAndGet();
    try {
      checks.expect(job.generation().id.equals(id), "D3: the deleter got an item of another id than " + id);
      checks.expect(!job.generation().deleted, "D3: the deleter got an item of " + id + " that was deleted");
      suffer(fault(n));
    } finally {
      job.generation().endDeletion();
      calls.remove(call);
    }
  }

  private Call begin() {
    Call call = new Call();
    calls.add(call);
    long young = calls.stream().filter(Call::isYoung).count();
    checks.expect(young <= Plan.MAX_CONCURRENCY, "R8: " + young + " calls at once");
    if (plan.isAlone(life)) {
      checks.expect(calls.stream().filter(Call::isYoung).allMatch(each -> each.cycle.equals(call.cycle)),
          "cycles on demand do not queue: " + calls.stream().map(each -> each.cycle).toList());
    }
    return call;
  }

  private void beginItem(String id, Job job, Call call) {
    Call before = refreshing.put(id, call);
    checks.expect(before == null || !before.isYoung(), "R2: " + id + " is in two calls at once");
    checks.expect(job.generation().id.equals(id), "R1: the refresher got an item of another id than " + id);
    checks.expect(job.version() >= job.generation().told, "R1: the refresher got an outdated item of " + id);
    checks.expect(!job.done() || checks.requested.contains(id), "R1: the refresher got " + id + ", which is terminal");
  }

  private static void suffer(Fault fault) throws Exception {
    switch (fault) {
      case FAILING, OUTAGE -> throw new IOException("of the soak");
      case ERROR -> throw new StackOverflowError("of the soak");
      case TOO_MANY_REQUESTS -> throw new RetryAfterException(Duration.ofMillis(40));
      case SLOW -> pass(Plan.TIMEOUT.dividedBy(10), true);
      case HANGING -> pass(Plan.TIMEOUT.multipliedBy(40), true);
      case STUBBORN -> pass(Plan.TIMEOUT.plusMillis(150), false);
      default -> { }
    }
  }

  private static void pass(Duration time, boolean interruptible) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      if (Thread.interrupted() && interruptible) {
        throw new InterruptedException("of the soak");
      }
      LockSupport.parkNanos(left);
    }
  }

  private static Map<String, Outcome<Job>> answer(Fault fault, int n, Map<String, Job> items) {
    Map<String, Outcome<Job>> outcomes = new HashMap<>();
    int at = n;
    for (Map.Entry<String, Job> item : items.entrySet()) {
      at++;
      if (item.getValue().done()) {
        outcomes.put(item.getKey(), Outcome.unchanged());
        continue;
      }
      if (at % 2 == 0 && fault == Fault.PARTIAL) {
        continue;
      }
      Job job = item.getValue();
      Outcome<Job> good = withTimes(good(job, at), at);
      outcomes.put(item.getKey(), at % 2 == 0 ? spoilt(fault, job, good) : good);
    }
    if (fault == Fault.FOREIGN) {
      outcomes.put("nobody asked", Outcome.deleted());
      outcomes.put("id-" + n % Plan.IDS + "-", Outcome.deleted());
    }
    return outcomes;
  }

  private static Outcome<Job> good(Job job, int at) {
    if (at % 3 == 0) {
      return Outcome.unchanged();
    }
    return Outcome.updated(at % 10 == 1 ? job.copy() : job.next(at % TERMINAL_EVERY == 0));
  }

  /** Some answers are old already when they come, and some say when to ask again: sooner than in a period, or later. */
  private static Outcome<Job> withTimes(Outcome<Job> outcome, int at) {
    Outcome<Job> timed = at % 5 == 0 ? outcome.aged(Duration.ofMillis(at % 50)) : outcome;
    return at % 7 == 0 ? timed.nextIn(Duration.ofMillis(at % 350 - 20)) : timed;
  }

  private static Outcome<Job> spoilt(Fault fault, Job job, Outcome<Job> good) {
    return switch (fault) {
      case POISON -> Outcome.failed(new IOException("of the soak"));
      case NULLS -> null;
      case GONE -> {
        job.generation().sayGone(job.version());
        yield Outcome.deleted();
      }
      default -> good;
    };
  }
}
