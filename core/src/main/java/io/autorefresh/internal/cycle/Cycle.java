package io.autorefresh.internal.cycle;

import io.autorefresh.CycleReport;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Outbox;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One sync cycle, run by its owner: deletions first, then a refresh of every item that its {@link Agenda} names,
 * each job on a virtual thread of the cycle's scope.
 *
 * <p>The owner is an event loop of one thread. It hands out jobs as the pacing and the gate let them begin, watches
 * over their time, and waits on one alarm, which a job's end, closing and time itself can ring. It calls no user
 * code; for group keys it waits while another thread does. When everything is handed out and has ended, it joins the
 * scope, which has nothing to wait for then.
 *
 * <p><b>The end of a cycle before its time</b>, because the cache is closed or who called for it was interrupted:
 * nothing more begins, jobs are cancelled, and the owner goes on as before until the last of them has ended,
 * however long it takes; a scope can be left in no other way. After some patience it logs what it waits for.
 *
 * <p><b>Overdue jobs</b> are interrupted when their time is over. One that still runs {@linkplain Watch#GRACE a tenth
 * of a second} of real time later is abandoned: it loses slot and items, and what it has not told the listener is told
 * by another job; but its thread belongs to the scope until it ends.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Cycle<K, V> {

  private static final int JOBS_PER_LOOK = 64;

  /** So many jobs that wait for a processor, or a quarter of the slots, are enough. */
  private static final int MAX_QUEUED = 128;

  final Context<K, V> context;
  final Tally tally;
  final Failures<K, V> failures;

  private final String name;
  private final long number;
  private final Agenda<K, V> agenda;
  private final boolean honoursInterrupts;
  private final int enough;
  private final BooleanSupplier ending;
  private final Runnable onHandedOut;
  private final String batches;
  /** The job for whose beginning or end the owner waits, or null if it waits for none; written by the owner. */
  private volatile @Nullable Job<K, V> awaited;
  private final Watch<K, V> watch;
  private volatile @Nullable Alarm alarm;
  /** What others, whose time is over or who must not run user code, have left to tell. */
  private final Queue<Consumer<? super Job<K, V>>> handedOn = new ConcurrentLinkedQueue<>();
  private volatile long began;
  /** Whether the owner's thread was interrupted, and that is to end the cycle; written by the owner. */
  private volatile boolean interrupted;

  // The rest is the owner's alone.
  private @Nullable Threads<K, V> threads;
  private Gate.@Nullable Line line;
  private boolean planned;
  private int deliveries;
  private boolean deleting;
  private long lastDeletion;
  private boolean handedOut;

  /**
   * Creates a cycle that does nothing yet.
   *
   * @param name of its scope, and the beginning of its threads' names
   * @param number for its report
   * @param agenda what it is to do
   * @param ending whether the cycle is to end before its time; who makes it true also calls {@link #checkEnding}
   * @param onHandedOut run by the owner as soon as there is nothing left to begin
   */
  public Cycle(
      Context<K, V> context,
      String name,
      long number,
      Agenda<K, V> agenda,
      BooleanSupplier ending,
      Runnable onHandedOut) {
    this.context = context;
    this.tally = new Tally();
    this.name = name;
    this.batches = name + "/batch-";
    this.number = number;
    this.agenda = agenda;
    this.honoursInterrupts = agenda.isOnDemand();
    this.enough = Math.min(MAX_QUEUED, context.gate().maxConcurrency() / 4);
    this.ending = ending;
    this.onHandedOut = onHandedOut;
    this.failures = new Failures<>(this);
    this.watch = new Watch<>(context, name);
  }

  /**
   * Runs the cycle in the calling thread, its owner, and returns when its last job has ended.
   *
   * @throws InterruptedException if the owner of a cycle on demand was interrupted meanwhile; that of the others is
   *     a thread of ours, whose interruption is user code's mistake unless the cycle is ending
   */
  public CycleReport run() throws InterruptedException {
    Alarm alarm = new Alarm(context.ticker(), context.realTime());
    NamedThreads threads = new NamedThreads();
    try (JobScope scope = JobScope.open(name, threads)) {
      try (Gate.Line line = open(alarm, Threads.of(scope, threads))) {
        try {
          while (step(line, alarm)) {
            alarm.await();
          }
        } finally {
          finishHandingOut(null);
        }
      }
      try {
        scope.join();
      } catch (InterruptedException e) {
        // All jobs have ended by now: there is nothing to cut short, only to be said.
        interrupted = true;
      }
    }
    if (!agenda.isUrgent()) {
      tally.add(Count.CYCLES, 1);
    }
    if (interrupted) {
      throw new InterruptedException(name + " was interrupted");
    }
    return tally.report(number, Duration.ofNanos(context.ticker().read() - began));
  }

  /** Begins the cycle, which will do its work by {@linkplain #step steps} and its jobs on these threads. */
  Gate.Line open(Alarm alarm, Threads<K, V> threads) {
    began = context.ticker().read();
    this.alarm = alarm;
    this.threads = threads;
    Gate.Line line = context.gate().new Line(alarm, agenda.isUrgent(), this::isSaturated);
    this.line = line;
    return line;
  }

  /** Does what is to be done by now, and never waits; returns whether there is more to do when the alarm rings. */
  boolean step(Gate.Line line, Alarm alarm) {
    if (!planned) {
      planned = true;
      if (!isEnding()) {
        agenda.begin(this);
      }
    }
    for (;;) {
      awaited = null;
      noteInterruption();
      if (!watch.isCancelled() && isEnding()) {
        finishHandingOut(line);
        watch.cancel();
      }
      watch.look();
      for (Consumer<? super Job<K, V>> telling; (telling = handedOn.poll()) != null; ) {
        tell(telling);
      }
      boolean more = !handedOut && handOut(line, alarm);
      if (handedOut && !isAnyRunning() && handedOn.isEmpty()) {
        return false;
      }
      if (!more) {
        watch.set(alarm);
        return true;
      }
    }
  }

  /** Takes note of an interruption of the owner, if there is one: only of that which it has seen, and none is lost. */
  private void noteInterruption() {
    if (Thread.currentThread().isInterrupted()) {
      // First: jobs must see the one or the other.
      interrupted |= honoursInterrupts;
      Thread.interrupted();
    }
  }

  /**
   * For whoever may have brought about that the cycle is to end before its time, in any thread. If so, its jobs are
   * cancelled at once: the owner does that, too, but where callbacks keep all processors it may be late, as its thread
   * is a virtual one.
   */
  public void checkEnding() {
    if (isEnding()) {
      watch.cancelJobs();
    }
    wake();
  }

  /** Ends the jobs that have taken too long, as the owner does if it is in time. May be called by any thread. */
  public void checkTimes() {
    watch.checkTimes();
  }

  /** Whether there are jobs that have taken too long, and the owner has not ended them. May be called by any thread. */
  public boolean isLate() {
    return watch.isAnyLate();
  }

  /** Makes the owner look whether there is something to do. */
  private void wake() {
    Alarm alarm = this.alarm;
    if (alarm != null) {
      alarm.ring();
    }
  }

  /** Returns the threads that run user code for this cycle. May be called by any thread. */
  public List<Thread> callbackThreads() {
    return watch.threads();
  }

  /** What it has counted so far. */
  public Tally tally() {
    return tally;
  }

  /** How many items wait to be handed to a job. May be called by any thread, and may be off by a batch then. */
  public long backlog() {
    return agenda.remaining();
  }

  /**
   * Looks whether jobs run, and asks to be woken by the end of one of them: the newest, which probably ends last. That
   * is cheaper than to count, as all who end a job would do that in the same place.
   */
  private boolean isAnyRunning() {
    Job<K, V> running;
    do {
      running = watch.newestRunning();
      awaited = running;
      // The owner says that it waits and looks then; the job is done and looks then whether it is waited for.
      VarHandle.fullFence();
    } while (running != null && running.isDone());
    return running != null;
  }

  /**
   * Looks whether many of the jobs that were handed out have not got a processor, and asks to be woken when few are
   * left. So many are enough to keep the processors busy until the owner runs.
   */
  private boolean isSaturated() {
    Job<K, V> queued = watch.queued(enough);
    if (queued == null) {
      return false;
    }
    awaited = queued;
    VarHandle.fullFence();
    return queued.isQueued();
  }

  /** Begins some jobs; returns whether to go on at once, since another one may begin. */
  private boolean handOut(Gate.Line line, Alarm alarm) {
    long now = context.ticker().read();
    for (int i = 0; i < JOBS_PER_LOOK; i++) {
      if (agenda.isPaced() || context.gate().isPaced()) {
        now = context.ticker().read();
      }
      Job<K, V> job = agenda.peek(now);
      long delay = agenda.delay(now);
      if (delay == Alarm.NEVER) {
        finishHandingOut(line);
        return false;
      }
      if (job instanceof RefreshJob && areDeletionsRunning(alarm)) {
        line.stepAside();
        return false;
      }
      if (job == null || delay > 0) {
        line.stepAside();
        alarm.wakeAfter(now, delay);
        return false;
      }
      delay = line.tryBegin(now, JOBS_PER_LOOK - i);
      if (delay > 0) {
        alarm.wakeAfter(now, delay);
        return false;
      }
      agenda.begun(now);
      start(job, now);
    }
    return true;
  }

  /** Refreshes begin when the deletions have ended, but a slow deletion holds them up for a moment only. */
  private boolean areDeletionsRunning(Alarm alarm) {
    if (!deleting) {
      return false;
    }
    boolean running = !agenda.hasDeletions() && isAnyRunning();
    deleting = running && context.realTime().read() - lastDeletion < Watch.GRACE;
    if (deleting) {
      alarm.reallyWakeAfter(lastDeletion, Watch.GRACE);
    }
    return deleting;
  }

  private void finishHandingOut(Gate.@Nullable Line line) {
    if (!handedOut) {
      handedOut = true;
      if (line != null) {
        line.stepAside();
      }
      agenda.drop();
      onHandedOut.run();
    }
  }

  private void start(Job<K, V> job, long now) {
    if (job instanceof DeleteJob) {
      deleting = true;
      lastDeletion = context.realTime().read();
    }
    watch.add(job, now);
    try {
      threads().start(job);
    } catch (Throwable t) {
      failures.contain("starting a thread", job.name(), t);
      job.skip();
      job.finish();
    }
  }

  /** Tells the listener what the owner brought about, in a thread of its own. */
  void deliver(Outbox<K, V> events) {
    if (!events.isEmpty()) {
      tell(job -> job.deliver(events));
    }
  }

  private void tell(Consumer<? super Job<K, V>> telling) {
    start(new DeliveryJob<>(this, ++deliveries, telling), context.ticker().read());
  }

  /** What a job has left to tell the listener, if anything, is told by another job. May be called by any thread. */
  void handOn(Outbox<K, V> events) {
    if (!events.isEmpty()) {
      handOn(job -> job.deliver(events));
    }
  }

  /** What the caller must not do itself another job does, which the consumer is given. May be called by any thread. */
  void handOn(Consumer<? super Job<K, V>> telling) {
    handedOn.add(telling);
    wake();
  }

  /** Runs what calls user code for the owner, who waits for it and holds nobody up, on a thread of its own. */
  void runApart(String kind, Runnable task) {
    Gate.Line line = this.line;
    if (line != null) {
      line.stepAside();
    }
    threads().runApart(name + '/' + kind, task, () -> interrupted |= honoursInterrupts);
  }

  private Threads<K, V> threads() {
    Threads<K, V> threads = this.threads;
    if (threads == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return threads;
  }

  /** A job has begun or ended; called by its thread, which has said so to whoever looks. */
  void progressed(Job<K, V> job) {
    if (awaited == job) {
      wake();
    }
  }

  // What jobs and agenda ask

  public String name() {
    return name;
  }

  /** How the names of the threads of refresh jobs begin. */
  String batches() {
    return batches;
  }

  /** Whether nothing more is to begin. May be called by any thread. */
  boolean isEnding() {
    return interrupted || isOwnerInterrupted() || ending.getAsBoolean();
  }

  private boolean isOwnerInterrupted() {
    Alarm alarm = this.alarm;
    return honoursInterrupts && alarm != null && alarm.isOwnerInterrupted();
  }

  long began() {
    return began;
  }

  boolean isDue(@Nullable Failure failure) {
    return failure == null || failure.dueAt() - context.ticker().read() <= 0;
  }

  boolean isWanted(Item<K, V> item) {
    return agenda.isWanted(item) && isDue(item.failure());
  }
}
