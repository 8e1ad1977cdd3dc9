package io.autorefresh.internal.schedule;

import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that a {@link Schedule} has handed out. The job that makes it reports its result.
 *
 * @param <T> the type of things
 */
public final class Call<T extends Due> {

  /** What becomes of a call. */
  public enum Result {
    /** It returned. */
    ANSWERED,
    /** It did not begin. */
    SKIPPED,
    /** It threw, or ended when it was interrupted after its time. */
    FAILED,
    /** The remote said when to come back. */
    THROTTLED,
    /** Its time is over, and it was interrupted. */
    EXPIRED,
    /** It ignored that, and lost its slot. */
    ABANDONED,
    /** It had been abandoned, and has ended. */
    RETURNED
  }

  final @Nullable Lane<T> lane;
  /** The entries whose things it has, if they are suspects. */
  final List<Entry<T>> origins;
  /** Whether it asks for a group that is down whether the remote answers again. */
  final boolean probe;
  /** Whether its time was over. */
  boolean expired;
  /** Whether it has things whose due time is to come. */
  boolean toppedUp;
  private final long claimedAt;
  private final Kind kind;
  private final T[] things;

  Call(Kind kind, T[] things, @Nullable Lane<T> lane, List<Entry<T>> origins, boolean probe) {
    this(kind, things, lane, origins, probe, Schedule.NEVER);
  }

  Call(Kind kind, T[] things, @Nullable Lane<T> lane, List<Entry<T>> origins, boolean probe, long claimedAt) {
    this.kind = kind;
    this.things = things;
    this.lane = lane;
    this.origins = origins;
    this.probe = probe;
    this.claimedAt = claimedAt;
  }

  /** Whether it is a probe, of a group or of a thing whose abandoned call runs. */
  boolean isProbe() { return probe || origins.stream().anyMatch(Entry::isAlone); }

  public Kind kind() { return kind; }

  /** Returns when its things were claimed, or {@link Schedule#NEVER} if the exchange does not know of the call. */
  public long claimedAt() { return claimedAt; }

  /** Whether some of its things are due only within a period. */
  public boolean isToppedUp() { return toppedUp; }

  /** Whether an answer may let others begin. May be read by any thread. */
  public boolean isAwaited() { return lane != null && lane.health != null; }

  /** At least one, except for a creation. */
  public T[] things() { return things; }

  /**
   * Whether the schedule wants to know of an answer; it wants to know of all other results. May be read by any thread.
   */
  public boolean isWatched() { return lane != null && lane.watched; }
}
