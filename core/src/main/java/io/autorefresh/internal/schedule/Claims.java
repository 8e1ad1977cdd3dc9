package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The admission step where several JVMs share the refresh work: a thing is claimed before it is called, and batches are
 * cut from what was granted. Things that are due, and new ones, leave their lane and wait here for a claim, which the
 * schedule's user carries to the exchange. What was granted waits in its lane for a batch. What is claimed is topped up
 * to a batch with things of the lane that this cache has called last and that are due within a tenth of the period:
 * otherwise each cache would go on with the parts of batches that it got once.
 *
 * <p>While claims are off, everything is called at once, as in a schedule without them.
 *
 * <p><b>Bound.</b> The things that are claimed or granted and not called are at most as many as the free slots take,
 * and one batch more: so a slow remote lets no lease run out. A bound of the calls a second counts as fewer free slots:
 * as many as calls may begin in a twentieth of the period, but at least one. A grant ends before its lease does. A
 * thing whose call has not begun by then is claimed again. A lane that may not call now gives back its grants.
 *
 * <p>Plain arithmetic, used by one thread at a time, as the {@link Schedule} is.
 *
 * @param <T> the type of things
 */
public final class Claims<T extends Due> {

  /** A thing that waits for a claim, or is on its way with one. */
  public static final class Claimed<T extends Due> {

    private final Lane<T> lane;
    private final T thing;
    private final boolean again;

    private Claimed(Lane<T> lane, T thing, boolean again) {
      this.lane = lane;
      this.thing = thing;
      this.again = again;
    }

    public T thing() { return thing; }

    /** Whether what was taken instead of a call the time before was of no use. */
    public boolean isAgain() { return again; }
  }

  /** A thing that may be called. */
  private record Grant<T>(T thing, long claimedAt, long since, long end) {}

  /** What is claimed of a lane. */
  static final class Book<T> {

    private final Queue<Grant<T>> granted = new ArrayDeque<>();
    private int claimed;

    boolean isEmpty() { return claimed == 0 && granted.isEmpty(); }
  }

  private final int batchSize;
  /** How long a grant waits for others of its lane. */
  private final long patience;
  private final long horizon;
  private final Lanes<T> lanes;
  private final IntSupplier freeSlots;
  private final Consumer<? super T> giveBack;
  private final Queue<Claimed<T>> waiting = new ArrayDeque<>();
  private boolean on;
  private boolean closed;
  /** How many things are claimed or granted, and not called. */
  private int open;

  Claims(int batchSize, long period, Lanes<T> lanes, IntSupplier freeSlots, Consumer<? super T> giveBack) {
    this.batchSize = batchSize;
    this.patience = period / 20;
    this.horizon = horizon(period);
    this.lanes = lanes;
    this.freeSlots = freeSlots;
    this.giveBack = giveBack;
  }

  /** Returns how long before its due time a thing may be claimed. */
  public static long horizon(long period) { return period / 10; }

  // What the schedule asks

  long horizon() { return horizon; }

  /** Whether nothing more is to be claimed now. */
  boolean isFull() { return on && open >= batchSize * (freeSlots.getAsInt() + 1L); }

  boolean isEmpty() { return open == 0; }

  /** Claims things that left their lane; returns those that are to be called at once. */
  T[] admit(Lane<T> lane, T[] things) {
    if (!on) {
      return things;
    }
    int kept = 0;
    for (T thing : things) {
      if (thing.isRequested()) {
        things[kept++] = thing;
      } else {
        claim(lane, thing, false);
      }
    }
    return Arrays.copyOf(things, kept);
  }

  private void claim(Lane<T> lane, T thing, boolean again) {
    Book<T> book = lane.book;
    if (book == null) {
      book = new Book<>();
      lane.book = book;
    }
    book.claimed++;
    open++;
    waiting.add(new Claimed<>(lane, thing, again));
  }

  /** Whether a batch of a lane is to be called now: a full one, the last one, or one that has waited long enough. */
  boolean isReady(Lane<T> lane, long now) {
    Book<T> book = lane.book;
    Grant<T> first = book == null ? null : book.granted.peek();
    return first != null
        && (book.claimed == 0 || book.granted.size() >= batchSize || now - first.since >= patience);
  }

  /** Returns when {@link #isReady} becomes true if nothing happens, or {@link Schedule#NEVER}. */
  long readyAt(Lane<T> lane, long now) {
    Book<T> book = lane.book;
    Grant<T> first = book == null ? null : book.granted.peek();
    return first == null || isReady(lane, now) ? NEVER : first.since + patience;
  }

  /** Takes a batch of what a lane was granted: empty if no job may take its things, or their grants have ended. */
  Call<T> cut(Lane<T> lane, long now) {
    Queue<Grant<T>> granted = lane.book.granted;
    List<T> batch = new ArrayList<>(Math.min(batchSize, granted.size()));
    long claimedAt = NEVER;
    boolean early = false;
    for (Grant<T> first; batch.size() < batchSize && (first = granted.poll()) != null; ) {
      open--;
      if (!first.thing.isWanted(Kind.REFRESH, now + horizon)) {
        continue;
      }
      if (on && first.end != NEVER && now - first.end >= 0) {
        claim(lane, first.thing, false);
        continue;
      }
      batch.add(first.thing);
      early |= !first.thing.isWanted(Kind.REFRESH, now);
      boolean earlier = first.claimedAt != NEVER && (claimedAt == NEVER || first.claimedAt - claimedAt < 0);
      claimedAt = earlier ? first.claimedAt : claimedAt;
    }
    Call<T> call = new Call<>(Kind.REFRESH, lane.array(batch), lane, List.of(), false, claimedAt);
    call.toppedUp = early;
    return call;
  }

  /** A lane may not call now: what it was granted is due, and claimed again when it may. */
  void giveBack(Lane<T> lane) {
    Book<T> book = lane.book;
    if (book != null) {
      open -= book.granted.size();
      book.granted.forEach(grant -> giveBack.accept(grant.thing));
      book.granted.clear();
    }
  }

  /** From now on nothing is claimed or granted. */
  void close() {
    waiting.clear();
    open = 0;
    on = false;
    closed = true;
  }

  // What becomes of claims

  /** Whether things are claimed. */
  public boolean isOn() { return on; }

  /** From now on things are claimed. */
  public void begin() {
    on = !closed;
  }

  /** From now on nothing is claimed; what waits for a claim may be called at once. */
  public void end(long now) {
    on = false;
    for (Claimed<T> claimed; (claimed = waiting.poll()) != null; ) {
      grant(claimed, NEVER, now, NEVER);
    }
  }

  /** Whether something waits for a claim. */
  public boolean isWaiting() { return !waiting.isEmpty(); }

  /** Takes what is to be claimed now, in the order in which it came. */
  public List<Claimed<T>> take(int most) {
    List<Claimed<T>> taken = new ArrayList<>(Math.min(most, waiting.size()));
    while (taken.size() < most && !waiting.isEmpty()) {
      taken.add(waiting.remove());
    }
    return taken;
  }

  /**
   * A thing was granted.
   *
   * @param claimedAt when it was claimed, or {@link Schedule#NEVER} if the exchange does not know of it
   * @param end when its call must have begun, or {@link Schedule#NEVER}
   */
  public void grant(Claimed<T> claimed, long claimedAt, long now, long end) {
    if (!closed) {
      Lane<T> lane = claimed.lane;
      lane.book.claimed--;
      lane.book.granted.add(new Grant<>(claimed.thing, claimedAt, now, end));
      if (lanes.isOut(lane)) {
        giveBack(lane);
      }
      lanes.update(lane, now);
    }
  }

  /** A thing is called by no one now: it has another due time. */
  public void release(Claimed<T> claimed, long now) {
    if (!closed) {
      open--;
      claimed.lane.book.claimed--;
      lanes.update(claimed.lane, now);
      lanes.settle(claimed.lane, now);
    }
  }

  /** What was taken instead of a call was of no use: the thing is claimed once more. */
  public void again(Claimed<T> claimed, long now) {
    if (!closed) {
      claim(claimed.lane, claimed.thing, true);
      release(claimed, now);
    }
  }
}
