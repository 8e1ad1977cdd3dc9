package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.HOUR;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.internal.cycle.CauseLog;
import io.autorefresh.internal.cycle.Context;
import io.autorefresh.internal.cycle.Gate;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.internal.cycle.Tally;
import io.autorefresh.internal.engine.SteppedLoop;
import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.internal.schedule.Pacer;
import io.autorefresh.proof.simulation.Scenario.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The library without its threads, in one: map, loop, cycles, agendas, gate, pacers, back-off and jobs are its own,
 * and decide as ever; only who takes their steps, and when, is of the simulation, as are the remote and the users.
 */
final class Simulation {

  private static final class Items extends Table<Integer, Integer> {}

  private final VirtualTime time = new VirtualTime();
  private final Trace trace = new Trace(time);
  private final Scenario scenario;
  private final long length;
  private final ItemRules items = new ItemRules();
  private final Tally totals = new Tally();
  private final CycleRules cycles = new CycleRules(items, () -> totals.sum(Tally.Count.OVERRUNS));
  private final CallRules calls;
  private final ItemMap<Integer, Integer> map;
  private final SteppedLoop<Integer, Integer> loop;
  /** Those that do not end before they are told to. */
  private final List<Call> hanging = new ArrayList<>();
  private @Nullable Call answered;
  private @Nullable Violation noted;

  Simulation(long seed, long length) {
    this.scenario = new Scenario(seed);
    this.length = length;
    this.map = new ItemMap<>(
        new Items(), Scenario.MAXIMUM_SIZE, time, value -> value < 0, true,
        event -> noting(() -> hear(event)), this::wake);
    Gate gate = new Gate(Scenario.CONCURRENCY, Pacer.perSecond(Scenario.CALLS_PER_SECOND));
    this.calls = new CallRules(gate);
    this.loop = new SteppedLoop<>(context(gate), Scenario.PERIOD,
        job -> noting(() -> start(job)), this::ended);
    items.expect(Scenario.ITEMS);
    for (int id = 0; id < Scenario.ITEMS; id++) {
      create(id);
    }
    every(2 * SECOND, this::createAny);
    every(4 * SECOND, this::deleteAny);
    every(3 * HOUR, () -> createMany(2_000));
    for (long day = 0; day < length; day += Scenario.DAY) {
      time.at(day + Scenario.DELETIONS, this::deleteMany);
      time.at(day + Scenario.CREATIONS, () -> createMany(8_000));
    }
  }

  private Context<Integer, Integer> context(Gate gate) {
    return new Context<>("s", map, new Fence<>(map), SteppedCycle.answering(this::answer), this::delete,
        value -> value < 0, null, Scenario.BATCH,
        new Backoff(Scenario.BACKOFF_INITIAL, Scenario.BACKOFF_MAX, scenario.jitter::nextDouble), gate, time, time,
        Scenario.TIMEOUT, Scenario.TIMEOUT, totals, new CauseLog("s"));
  }

  /** What the library calls it also contains: a broken rule is kept until it has returned. */
  private void noting(Runnable callback) {
    try {
      callback.run();
    } catch (Violation violation) {
      noted = noted == null ? violation : noted;
    }
  }

  private void wake() {
    loop.wake();
  }

  /** Returns the next line of the trace, or null at the end. */
  @Nullable String next() {
    String line = trace.poll();
    while (line == null && step()) {
      line = trace.poll();
    }
    return line != null ? line : trace.poll();
  }

  /** The hash of the trace, at the end. */
  String hash() {
    return trace.hash();
  }

  /** The figures, for people. */
  String figures() {
    return "%d lines, %d calls, %d refreshes of items, %d failures; at most %d calls at once, %d abandoned; ".formatted(
        trace.count(), calls.calls(), items.refreshes, items.failed, calls.mostRunning, calls.mostAbandoned)
        + "longest time from due to done %d s; %d cycles even, %d shared with deletions; %d overruns".formatted(
        items.longestGap / SECOND, cycles.evenCycles, cycles.sharedCycles, totals.sum(Tally.Count.OVERRUNS));
  }

  /** Does what there is to do at this moment and passes to the next; returns false when the time is over. */
  private boolean step() {
    do {
      loop.step();
      interrupt();
    } while (time.happen() || loop.left() <= 0);
    if (noted != null) {
      throw noted;
    }
    calls.check(loop.cycles(), time.now());
    if (time.now() >= length) {
      checkAtTheEnd();
      return false;
    }
    time.pass(loop.left());
    return true;
  }

  private void checkAtTheEnd() {
    Violation.unless(map.size() == items.size(), "C5", time.now(), map.size(), "items, not", items.size());
    Violation.unless(map.check().isEmpty(), "the map's invariants", time.now(), map.check());
  }

  // The users

  private void every(long mean, Runnable what) {
    time.after(scenario.until(mean), () -> {
      what.run();
      every(mean, what);
    });
  }

  private void createMany(int times) {
    items.expect(times);
    for (int i = 0; i < times; i++) {
      createAny();
    }
    items.expect(0);
  }

  private void deleteMany() {
    for (int i = 0; i < 10_000; i++) {
      deleteAny();
    }
  }

  private void createAny() {
    create(scenario.id());
  }

  private void create(int id) {
    if (!items.isPresent(id)) {
      trace.add("create " + id);
      items.created(id, time.now());
    }
    try {
      map.creations().getOrCreate(id, 0);
    } catch (InterruptedException e) {
      throw new AssertionError("nobody is waited for", e);
    }
    Violation.unless(map.size() <= Scenario.MAXIMUM_SIZE, "C5", time.now(), map.size());
  }

  private void deleteAny() {
    int id = scenario.id();
    boolean present = items.isPresent(id);
    Violation.unless(map.mark(id) == present, "D1", time.now(), id);
    if (present) {
      trace.add("mark " + id);
      items.marked(id);
    }
  }

  private void hear(ItemEvent<Integer, Integer> event) {
    trace.add(event.getClass().getSimpleName() + ' ' + event.id());
    items.hears(event, time.now());
    if (event instanceof ItemEvent.Failed<Integer, Integer> failed) {
      Failure failure = map.inspect(event.id(), Item::failure);
      items.isDueAt(event.id(), failure.count(), VirtualTime.momentOf(failure.dueAt()), time.now());
    }
  }

  private void ended(SteppedCycle<Integer, Integer> cycle) {
    trace.add(cycle + " has ended");
    if (!cycle.isUrgent()) {
      items.cycleEnds(VirtualTime.momentOf(cycle.began()), time.now());
      cycles.ends(cycle, time.now());
    }
  }

  // The remote

  private void start(SteppedJob<Integer, Integer> job) {
    if (!job.isCall()) {
      job.runAll();
      return;
    }
    if (Scenario.isOverload(time.now())) {
      items.overloaded(time.now());
    }
    calls.begins(job, time.now());
    cycles.jobBegins(job, time.now());
    if (Scenario.isDisturbed(time.now())) {
      cycles.disturbed();
    }
    time.after(scenario.startDelay(), () -> begin(job));
  }

  private void begin(SteppedJob<Integer, Integer> job) {
    if (!job.begin()) {
      trace.add(job + " has nothing to do");
      calls.endsEmpty();
      return;
    }
    Call call = new Call(job, scenario.fate(time.now()), time.now());
    trace.add(job + " begins " + call.fate + " " + call.ids);
    if (job.isDeletion()) {
      items.deletionBegins(call, time.now());
    } else {
      items.refreshBegins(call, time.now());
    }
    if (call.fate == Fate.HANGS || call.fate == Fate.HANGS_ON) {
      hanging.add(call);
    } else {
      time.after(scenario.latency(time.now()), () -> end(call));
    }
  }

  /** Lets those that hang notice that they are to end, sooner or later. */
  private void interrupt() {
    hanging.removeIf(call -> {
      if (call.job.isAwaited()) {
        return false;
      }
      call.overdueAt = time.now();
      long took = call.overdueAt - call.began;
      Violation.unless(took == Scenario.TIMEOUT, "R7 (time-out)", time.now(), call.job, took);
      calls.overdue(call);
      time.after(call.fate == Fate.HANGS ? scenario.politeness() : scenario.stubbornness(), () -> end(call));
      return true;
    });
  }

  private @Nullable Outcome<Integer> answer(Integer id, Integer value) {
    Call call = call();
    boolean awaited = call.job.isAwaited();
    if (call.fate == Fate.THROWS || call.fate == Fate.HANGS) {
      throw new IllegalStateException(call.fate.name());
    }
    double draw = scenario.random.nextDouble();
    if (call.fate == Fate.THROTTLES || draw < 0.003) {
      return Outcome.failed(call.fate == Fate.THROTTLES ? throttled() : new IllegalArgumentException("of the item"));
    }
    if (draw < 0.004) {
      return null;
    }
    if (draw < 0.0045) {
      return Outcome.deleted();
    }
    if (awaited) {
      items.confirmed(id);
    }
    if (draw < 0.1) {
      return Outcome.updated(draw < 0.006 ? -1 : value + 1);
    }
    return Outcome.unchanged();
  }

  private void delete(Integer id, Integer value) throws Exception {
    Fate fate = call().fate;
    if (fate == Fate.THROTTLES) {
      throw throttled();
    }
    if (fate == Fate.THROWS || fate == Fate.HANGS || scenario.random.nextDouble() < 0.02) {
      throw new IllegalStateException(fate.name());
    }
  }

  private RetryAfterException throttled() {
    return new RetryAfterException(Duration.ofNanos(scenario.retryAfter()));
  }

  private Call call() {
    Call call = answered;
    if (call == null) {
      throw new AssertionError("nobody calls");
    }
    return call;
  }

  private void end(Call call) {
    trace.add(call.job + " ends");
    answered = call;
    call.job.end();
    calls.ends(call);
    if (call.job.isDeletion()) {
      items.deletionEnds(call);
    } else {
      items.refreshEnds(call, time.now());
    }
  }
}
