package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.HOUR;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.internal.cycle.Count;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.internal.cycle.SteppedSettings;
import io.autorefresh.internal.engine.SteppedDispatcher;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.EventQueue;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import io.autorefresh.proof.simulation.Scenario.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The library without its threads, in one thread: map, fence, dispatcher, cycles, jobs, slots, schedule and back-off
 * are its own, and decide as ever. The simulation takes their steps, and plays the remote, the users and the listener.
 */
final class Simulation {

  private static final class Items extends Table<Integer, Value> {}

  /** What the library sees of the user. */
  private static final class User implements Traits<Integer, Value> {

    @Override
    public boolean isTerminal(Value value) {
      return value.isFinal();
    }

    @Override
    public Object groupOf(Integer id, Value value) {
      return value.group();
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final Trace trace = new Trace(time);
  private final Scenario scenario;
  private final long length;
  private final Counters totals = new Counters();
  private final EventQueue<Integer, Value> events = new EventQueue<>();
  private final Known[] known = new Known[Scenario.IDS];
  private final Groups groups;
  private final Waiting waiting;
  private final ItemMap<Integer, Value> map;
  private final Cycles<Integer, Value> cycles;
  private final SteppedDispatcher<Integer, Value> dispatcher;
  private final ItemRules items;
  private final TurnRules turns;
  private final WalkRules walk;
  private final JobRules jobs = new JobRules();
  /** The calls that do not end before they are told to. */
  private final List<Call> hanging = new ArrayList<>();
  /** The calls that run. */
  private final List<Call> inFlight = new ArrayList<>();
  private @Nullable Call answered;
  private @Nullable SteppedCycle<?, ?> onDemand;
  private @Nullable Violation noted;
  private long overruns;
  private boolean closed;
  private long closedAt;
  /** The deletions that no call has begun when the cache is closed. */
  private final List<Known> pending = new ArrayList<>();

  Simulation(Scenario.Settings chosen, long seed, long length) {
    this.scenario = new Scenario(chosen, seed);
    this.groups = new Groups(chosen.grouped);
    this.waiting = new Waiting(groups);
    this.walk = new WalkRules(known, waiting, groups);
    this.turns = new TurnRules(waiting, chosen.spread);
    this.length = length;
    for (int id = 0; id < known.length; id++) {
      known[id] = new Known(id);
    }
    FailureLog log = new FailureLog("s", () -> 0, totals);
    Settings<Integer, Value> settings = settings();
    this.map = new ItemMap<>(
        new Items(),
        Scenario.MAXIMUM_SIZE,
        time,
        new User(),
        chosen.grouped,
        true,
        events,
        new Flight("s"),
        this::changed);
    this.items = new ItemRules(known, waiting, map);
    this.cycles = new Cycles<>(settings, map, events, totals, log);
    this.dispatcher = new SteppedDispatcher<>(cycles, new Observer());
    for (int id = 0; id < Scenario.ITEMS; id++) {
      create(id);
    }
    every(SECOND, this::createAny);
    every(20 * SECOND, this::deleteAnyInFlight);
    every(4 * SECOND, this::deleteAny);
    every(3 * HOUR, () -> createMany(2_000));
    every(5 * HOUR, this::demand);
    for (long day = 0; day < length; day += Scenario.DAY) {
      time.at(day + Scenario.DELETIONS, this::deleteMany);
      time.at(day + Scenario.CREATIONS, () -> createMany(8_000));
    }
  }

  private Settings<Integer, Value> settings() {
    Settings<Integer, Value> settings = new Settings<>();
    settings.name = "s";
    settings.batchRefresher = this::answer;
    settings.deleter = this::delete;
    settings.terminal = Value::isFinal;
    settings.batchBy = scenario.settings.grouped ? (id, value) -> value.group() : null;
    settings.spread = scenario.settings.spread;
    settings.refreshEvery = Duration.ofNanos(Scenario.PERIOD);
    settings.maximumSize = Scenario.MAXIMUM_SIZE;
    settings.givenBatchSize = Scenario.BATCH;
    settings.maxConcurrency = Scenario.CONCURRENCY;
    settings.maxCallsPerSecond = Scenario.CALLS_PER_SECOND;
    settings.deletedAfter = Scenario.DELETED_AFTER;
    settings.refreshTimeout = Duration.ofNanos(Scenario.TIMEOUT);
    settings.givenBackoffInitial = Duration.ofNanos(Scenario.BACKOFF_INITIAL);
    settings.givenBackoffMax = Duration.ofNanos(Scenario.BACKOFF_MAX);
    settings.ticker = time;
    return SteppedSettings.of(settings, scenario.jitter::nextDouble);
  }

  private void changed(Item<Integer, Value> item) {
    cycles.handOut.changed(item);
  }

  /** The library contains what its callbacks throw: a broken rule is kept until it has returned. */
  private void noting(Runnable callback) {
    try {
      callback.run();
    } catch (Violation violation) {
      noted = noted == null ? violation : noted;
    }
  }

  // The passing of time

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
    return "%d lines; %d jobs, %d refreshes of items, %d failures, %d pauses; at most %d jobs at once, %d abandoned; "
            .formatted(trace.count(), turns.handedOut, items.refreshes, items.failed, groups.pauses, jobs.mostRunning,
                jobs.mostAbandoned)
        + "%d overruns, %d scopes taken over; %d batches topped up; an item waited for at most %d s".formatted(
            overruns, jobs.renewals, walk.toppedUp, items.longestWait / SECOND);
  }

  /** Does what there is to do at this moment and passes to the next; returns false when the time is over. */
  private boolean step() {
    // The tick that comes while a cycle on demand hands out is left out.
    if (Scenario.isOverload(time.now()) || groups.wereHeld(time.now()) || onDemand != null) {
      items.overloaded(time.now());
    }
    do {
      dispatcher.step();
      hear();
      interrupt();
    } while (time.happen() || dispatcher.left() <= 0);
    if (onDemand != null && !cycles.handOut.isSpecialOpen()) {
      endDemand();
    }
    if (noted != null) {
      throw noted;
    }
    lookForAbandoned();
    groups.rests(time.now());
    jobs.rests(cycles.sum(), time.now());
    turns.rests(Scenario.CONCURRENCY - jobs.running(), time.now());
    if (!closed && time.now() >= length) {
      close();
    } else if (closed && dispatcher.running() == 0) {
      checkAtTheEnd();
      return false;
    } else {
      time.pass(dispatcher.left());
    }
    return true;
  }

  private void lookForAbandoned() {
    for (Call call : jobs.newlyAbandoned(time.now())) {
      trace.add(call.job + " is abandoned");
      if (!call.job.isDeletion()) {
        groups.losesSlot(call.group);
      }
      items.abandoned(call, time.now());
    }
  }

  private void hear() {
    for (ItemEvent<Integer, Value> event; (event = events.poll()) != null; ) {
      ItemEvent<Integer, Value> heard = event;
      trace.add(event.getClass().getSimpleName() + ' ' + event.id());
      noting(() -> items.hears(heard, time.now()));
      // Somebody may still want what is gone.
      if (event instanceof ItemEvent.Removed && !closed && scenario.isOneOf(3)) {
        time.after(0, () -> create(heard.id()));
      }
    }
  }

  private void checkAtTheEnd() {
    Violation.unless(map.size() == items.size, "C5", time.now(), map.size(), "items, not", items.size);
    jobs.checkAtTheEnd(cycles.sum(), time.now());
    for (Known item : pending) {
      boolean carriedOut = !item.present || item.lastBegin >= closedAt;
      Violation.unless(carriedOut, "L2 (pending deletion)", time.now(), item);
    }
  }

  // What the background does

  private final class Observer implements SteppedDispatcher.Observer<Integer, Value> {

    @Override
    public void begins(SteppedCycle<Integer, Value> cycle, Extent extent, boolean renewed) {
      hear();
      trace.add(cycle + (renewed ? " goes on: " : " begins: ") + extent);
      long now = time.now();
      if (extent == Extent.PERIOD) {
        boolean behind = walk.isBehind(now);
        boolean mayBeBehind = Scenario.isOverload(now) || groups.wereHeld(now);
        Violation.unless(!behind || mayBeBehind, "R10 (an overrun without need)", now, cycle);
        overruns += behind ? 1 : 0;
        long counted = totals.get(Count.OVERRUNS);
        Violation.unless(counted == overruns, "R10 (count)", now, counted, "overruns, not", overruns);
        jobs.cycleBegins(dispatcher.running(), renewed, now);
        items.checkWaits(now);
      }
      boolean wasBehind = extent == Extent.PERIOD && waiting.isWalkLeft(now);
      if (onDemand != null) {
        endDemand();
      }
      if (extent == Extent.DEMAND) {
        onDemand = cycle;
      }
      if (extent == Extent.CLOSE) {
        items.pardon();
      }
      walk.begins(extent, now);
      turns.begins(extent, wasBehind, walk.batchesOfWalk, walk.batchesOfAll, now);
    }

    @Override
    public void starts(SteppedJob<Integer, Value> job) {
      noting(() -> start(job));
    }

    @Override
    public void ended(SteppedCycle<Integer, Value> cycle) {
      trace.add(cycle + " has ended");
    }
  }

  private void start(SteppedJob<Integer, Value> job) {
    hear();
    interrupt();
    lookForAbandoned();
    long now = time.now();
    if (onDemand != null && job.cycle() != onDemand) {
      endDemand();
    }
    List<Known> batch = job.ids().stream().map(id -> known[id]).toList();
    trace.add(job + " is handed out");
    Violation.unless(!closed || job.isDeletion(), "L2 (no refresh begins)", now, job);
    jobs.handsOut();
    int group = batch.getFirst().group();
    if (!job.isDeletion()) {
      groups.handsOut(group, job, now);
    }
    boolean ofWalk = items.handsOut(job.kind(), batch, job, now);
    turns.handsOut(job.kind(), ofWalk, walk.isAdded(batch), job, now);
    if (job.kind() == Kind.REFRESH) {
      walk.checkTopUp(batch, ofWalk, job, now);
    }
    for (Known item : batch) {
      item.handedOut++;
      waiting.update(item);
    }
    if (ofWalk) {
      walk.handsOut(batch, job, now);
    }
    time.after(scenario.startDelay(), () -> begin(job, batch, group));
  }

  private void endDemand() {
    onDemand = null;
    walk.demandEnds(time.now());
    turns.demandEnds(time.now());
  }

  private void begin(SteppedJob<Integer, Value> job, List<Known> batch, int group) {
    batch.forEach(item -> item.handedOut--);
    if (job.begin()) {
      List<Known> taken = job.ids().stream().map(id -> known[id]).toList();
      Call call = new Call(job, scenario.fate(time.now()), taken, group, time.now());
      trace.add(job + " begins " + call.fate + " " + job.ids());
      inFlight.add(call);
      jobs.begins(call);
      items.begins(call, time.now());
      if (call.fate == Fate.HANGS || call.fate == Fate.HANGS_ON) {
        hanging.add(call);
      } else {
        time.after(scenario.latency(time.now()), () -> end(call));
      }
    } else {
      trace.add(job + " has nothing to do");
      jobs.endsEmpty();
      if (!job.isDeletion()) {
        groups.losesSlot(group);
      }
    }
    batch.forEach(waiting::update);
  }

  /** Lets those that hang notice that they are to end, sooner or later. */
  private void interrupt() {
    hanging.removeIf(call -> {
      if (call.job.isAwaited()) {
        return false;
      }
      call.toldToEnd = time.now();
      jobs.toldToEnd(call, closed, time.now());
      if (!call.job.isDeletion()) {
        groups.expires(call);
      }
      time.after(call.fate == Fate.HANGS ? scenario.politeness() : scenario.stubbornness(), () -> end(call));
      return true;
    });
  }

  private void end(Call call) {
    trace.add(call.job + " ends");
    boolean[] counts = ItemRules.countsFor(call);
    boolean awaited = call.job.isAwaited();
    answered = call;
    call.job.end();
    inFlight.remove(call);
    jobs.ends(call);
    if (!call.job.isDeletion() && !call.wasAbandoned) {
      groups.ends(call, awaited, time.now());
    }
    hear();
    items.ends(call, counts, time.now());
  }

  // The remote

  private Map<Integer, Outcome<Value>> answer(Map<Integer, Value> asked) throws Exception {
    Call call = call();
    if (call.fate != Fate.ANSWERS) {
      throw scenario.thrown(call);
    }
    asked.forEach((id, value) -> {
      noting(() -> Violation.unless(value == known[id].value || call.generations.get(id) != known[id].generation,
          "R1 (present value)", time.now(), call.job, known[id], value));
      Outcome<Value> outcome = scenario.answer(value);
      if (outcome != null) {
        call.answer.put(id, outcome);
      }
    });
    return call.answer;
  }

  private void delete(Integer id, Value value) throws Exception {
    Call call = call();
    if (call.fate != Fate.ANSWERS || scenario.failsDeletion()) {
      throw scenario.thrown(call);
    }
  }

  private Call call() {
    Call call = answered;
    if (call == null) {
      throw new AssertionError("no call is answered");
    }
    return call;
  }

  // The users

  private void every(long mean, Runnable what) {
    time.after(scenario.until(mean), () -> {
      if (!closed) {
        what.run();
        every(mean, what);
      }
    });
  }

  private void createMany(int times) {
    for (int i = 0; i < times; i++) {
      createAny();
    }
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
    Known item = known[id];
    Value value = new Value(item.generation + 1, 0, scenario.group(id), scenario.isOneOf(50));
    if (!item.present) {
      trace.add("create " + id);
      items.created(item, value, time.now());
    }
    try {
      Value stored = map.creations().getOrCreate(id, value);
      Violation.unless(stored == item.value, "C1, D2", time.now(), item, "is", stored);
    } catch (InterruptedException e) {
      throw new AssertionError("there is no other creator", e);
    }
    hear();
    Violation.unless(map.size() <= Scenario.MAXIMUM_SIZE, "C5", time.now(), map.size());
    Violation.unless(map.size() == items.size, "C5", time.now(), map.size(), "items, not", items.size);
  }

  private void deleteAny() {
    delete(known[scenario.id()]);
  }

  /** Mostly of a slow call, since these last for longest. */
  private void deleteAnyInFlight() {
    if (!inFlight.isEmpty()) {
      Call call = inFlight.get(scenario.any(inFlight.size()));
      delete(call.items.get(scenario.any(call.items.size())));
    }
  }

  private void delete(Known item) {
    Violation.unless(map.mark(item.id) == item.present, "D1", time.now(), item);
    if (item.present) {
      trace.add("mark " + item.id);
      items.marked(item);
    }
  }

  /** Two callers may ask at the same time: the cycles come one after the other. */
  private void demand() {
    trace.add("sync");
    dispatcher.demand();
    if (scenario.isOneOf(3)) {
      dispatcher.demand();
    }
  }

  private void close() {
    trace.add("close");
    closed = true;
    closedAt = time.now();
    onDemand = null;
    for (Known item : known) {
      // A deletion that runs is being carried out, and one that ignores its interruption is not called again.
      boolean runs = item.running.stream().anyMatch(call -> call.isOf(item) && call.job.isDeletion());
      if (item.present && item.marked && !runs) {
        pending.add(item);
      }
    }
    dispatcher.close();
  }
}
