package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.MILLI;
import static io.autorefresh.proof.simulation.VirtualTime.MINUTE;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
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
import io.autorefresh.proof.simulation.FailureFigures.Subject;
import io.autorefresh.proof.simulation.Troubles.Episode;
import io.autorefresh.proof.simulation.Troubles.Fate;
import io.autorefresh.proof.simulation.Troubles.Kind;
import io.autorefresh.proof.simulation.Troubles.Poison;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A thousand periods of {@link Troubles}, in one thread as in {@link Simulation}. The back-off is that of the defaults:
 * two periods, times a factor from a half to one.
 */
final class FailureSimulation {

  static final int PERIODS = 1_000;
  static final long PERIOD = MINUTE;
  static final long TIMEOUT = 10 * SECOND;
  static final long BACKOFF = 2 * PERIOD;
  static final int GROUPS = 4;
  static final int ITEMS = 640;
  static final int BATCH = 16;
  static final int LOGARITHM = 4;
  static final int CONCURRENCY = 8;

  private static final class Items extends Table<Integer, Value> {}

  private static final class User implements Traits<Integer, Value> {

    @Override
    public boolean isTerminal(Value value) {
      return false;
    }

    @Override
    public Object groupOf(Integer id, Value value) {
      return value.group();
    }
  }

  /** A call that runs. */
  static final class Running {

    final SteppedJob<Integer, Value> job;
    final List<Subject> items;
    final long began;
    final @Nullable Fate fate;
    /** The poison that is why it fails, or null. */
    final @Nullable Subject poison;
    boolean throttled;
    final Set<Integer> failed = new HashSet<>();

    Running(SteppedJob<Integer, Value> job, List<Subject> items, long began, @Nullable Fate fate,
        @Nullable Subject poison) {
      this.job = job;
      this.items = items;
      this.began = began;
      this.fate = fate;
      this.poison = poison;
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final Trace trace = new Trace(time);
  final Troubles troubles;
  private final Subject[] subjects = new Subject[ITEMS];
  private final EventQueue<Integer, Value> events = new EventQueue<>();
  private final ItemMap<Integer, Value> map;
  private final Cycles<Integer, Value> cycles;
  private final SteppedDispatcher<Integer, Value> dispatcher;
  private final List<Running> hanging = new ArrayList<>();
  private final Set<Episode> throttles = new HashSet<>();
  private @Nullable Running answered;
  final FailureFigures figures;

  FailureSimulation(long seed, boolean anyTroubles) {
    troubles = new Troubles(seed, anyTroubles);
    for (int id = 0; id < ITEMS; id++) {
      subjects[id] = new Subject(id);
    }
    Settings<Integer, Value> settings = new Settings<>();
    settings.name = "f";
    settings.batchRefresher = this::answer;
    settings.batchBy = (id, value) -> value.group();
    settings.refreshEvery = Duration.ofNanos(PERIOD);
    settings.maximumSize = 2 * ITEMS;
    settings.givenBatchSize = BATCH;
    settings.maxConcurrency = CONCURRENCY;
    settings.refreshTimeout = Duration.ofNanos(TIMEOUT);
    settings.ticker = time;
    Settings<Integer, Value> checked = SteppedSettings.of(settings, troubles.random.split()::nextDouble);
    map = new ItemMap<>(
        new Items(), 2 * ITEMS, time, new User(), true, true, events, new Flight("f"), this::changed);
    Counters counters = new Counters();
    FailureLog log = new FailureLog("f", () -> 0, counters);
    cycles = new Cycles<>(checked, map, events, counters, log);
    dispatcher = new SteppedDispatcher<>(cycles, new Observer());
    figures = new FailureFigures(subjects, troubles);
    for (int id = 0; id < ITEMS; id++) {
      create(id);
    }
    for (Poison poison : troubles.poisons) {
      time.at(poison.from(), () -> subjects[poison.id()].turn(poison));
    }
    time.at(SECOND, this::look);
  }

  private void changed(Item<Integer, Value> item) {
    cycles.handOut.changed(item);
  }

  private void create(int id) {
    try {
      map.creations().getOrCreate(id, new Value(1, 0, id % GROUPS, false));
    } catch (InterruptedException e) {
      throw new AssertionError("there is no other creator", e);
    }
  }

  /** Runs all; returns the hash of the trace. */
  String run() {
    while (time.now() < PERIODS * PERIOD) {
      do {
        dispatcher.step();
        for (ItemEvent<Integer, Value> event; (event = events.poll()) != null; ) {
          trace.add(event.getClass().getSimpleName() + ' ' + event.id());
        }
        interrupt();
        while (trace.poll() != null) {
          // The hash is what is kept of it.
        }
      } while (time.happen() || dispatcher.left() <= 0);
      time.pass(dispatcher.left());
    }
    return trace.hash();
  }

  private void look() {
    figures.look(time.now());
    time.after(SECOND, this::look);
  }

  private final class Observer implements SteppedDispatcher.Observer<Integer, Value> {

    @Override
    public void begins(SteppedCycle<Integer, Value> cycle, Extent extent, boolean renewed) {
      trace.add(cycle + " begins");
    }

    @Override
    public void starts(SteppedJob<Integer, Value> job) {
      trace.add(job + " is handed out");
      time.after(troubles.random.nextLong(2 * MILLI), () -> begin(job));
    }

    @Override
    public void ended(SteppedCycle<Integer, Value> cycle) {
      trace.add(cycle + " has ended");
    }
  }

  private void begin(SteppedJob<Integer, Value> job) {
    if (!job.begin()) {
      return;
    }
    long now = time.now();
    List<Subject> items = job.ids().stream().map(id -> subjects[id]).toList();
    Subject poison = items.stream().filter(item -> item.isPoison(now)).findFirst().orElse(null);
    Episode episode = troubles.of(items.getFirst().group(), now);
    Fate fate = poison == null ? null : poison.poison.fate();
    if (episode != null && episode.kind() == Kind.OUTAGE) {
      fate = Fate.THROWS;
    } else if (episode != null && episode.kind() == Kind.HANGING) {
      fate = Fate.HANGS_ON;
    }
    Running call = new Running(job, items, now, fate, poison);
    call.throttled = episode != null && episode.kind() == Kind.PAUSE && throttles.add(episode);
    trace.add(job + " begins " + job.kind() + ' ' + fate + ' ' + job.ids());
    figures.begins(call, now);
    if (fate == null || fate == Fate.THROWS || call.throttled) {
      time.after(troubles.random.nextLong(20 * MILLI, 500 * MILLI), () -> end(call));
    } else {
      hanging.add(call);
    }
  }

  /** Lets calls that hang notice that they are to end: at once, in a while, or never. */
  private void interrupt() {
    hanging.removeIf(call -> {
      if (call.job.isAwaited()) {
        return false;
      }
      boolean deaf = call.fate == Fate.HANGS_ON;
      if (!deaf || troubles.random.nextInt(20) > 0) {
        time.after(troubles.random.nextLong(deaf ? 20 * PERIOD : 80 * MILLI), () -> end(call));
      }
      return true;
    });
  }

  private void end(Running call) {
    trace.add(call.job + " ends");
    boolean counts = call.job.isAwaited();
    answered = call;
    call.job.end();
    Map<Integer, Long> dueAt = new HashMap<>();
    call.failed.forEach(id -> dueAt.put(id, VirtualTime.momentOf(map.inspect(id, item -> item.dueAt(0)))));
    figures.ends(call, counts, dueAt, time.now());
  }

  // The remote

  private Map<Integer, Outcome<Value>> answer(Map<Integer, Value> asked) throws Exception {
    Running call = answered;
    if (call == null) {
      throw new AssertionError("no call is answered");
    }
    Episode episode = troubles.of(call.items.getFirst().group(), call.began);
    if (call.throttled && episode != null) {
      throw new RetryAfterException(Duration.ofNanos(Math.max(0, episode.until() - time.now())));
    } else if (call.fate != null) {
      throw new IllegalStateException(call.fate.name());
    }
    boolean partial = episode != null && episode.kind() == Kind.PARTIAL;
    Map<Integer, Outcome<Value>> answer = new HashMap<>();
    asked.forEach((id, value) -> {
      boolean fails = partial && troubles.random.nextInt(10) < 3;
      if (fails) {
        call.failed.add(id);
      }
      answer.put(id, fails ? Outcome.failed(new IllegalArgumentException("of the item")) : Outcome.unchanged());
    });
    return answer;
  }
}
