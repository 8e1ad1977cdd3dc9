package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/** What a schedule schedules, in the state that a test gives it. */
final class Thing implements Due {

  final String name;
  @Nullable Object group;
  boolean live = true;
  boolean marked;
  boolean fresh;
  boolean requested;
  boolean inFlight;
  boolean failed;
  boolean suspect;
  boolean own = true;
  /** How many calls for it alone were abandoned in a row. */
  int hung;
  boolean apart;
  long dueAt;
  /** How often the schedule looked whether a job may take it. */
  int looks;
  /** How often the schedule looked whether a time is its due time. */
  int looksAtTime;
  private boolean leftOver;
  /** Its due time of its own, or {@code NEVER}. */
  long ownTime = Schedule.NEVER;
  /** Run once, right after the schedule has looked at that. */
  @Nullable Runnable afterLook;
  private @Nullable Object place;

  Thing(String name) {
    this.name = name;
  }

  Thing in(Object group) {
    this.group = group;
    return this;
  }

  /** Its first refresh has not started. */
  Thing fresh() {
    fresh = true;
    return this;
  }

  /** Its last answer said when it is due next. */
  Thing dueAt(long time) {
    apart = true;
    failed = false;
    dueAt = time;
    return this;
  }

  /** It has its due time itself. */
  Thing ownTime(long time) {
    ownTime = time;
    return this;
  }

  /** Its last call failed, and it backs off until that time. */
  Thing failedUntil(long time) {
    dueAt(time);
    failed = true;
    return this;
  }

  /** Its last call failed as a whole. */
  Thing suspectUntil(long time) {
    failedUntil(time);
    suspect = true;
    return this;
  }

  /** It is due in every cycle. */
  Thing confirmed() {
    suspect = false;
    apart = false;
    failed = false;
    fresh = false;
    inFlight = false;
    return this;
  }

  @Override
  public Standing standing() {
    if (inFlight) {
      return Standing.IN_FLIGHT;
    } else if (apart || ownTime != Schedule.NEVER) {
      return Standing.APART;
    }
    return fresh ? Standing.NEW : Standing.DUE;
  }

  @Override
  public @Nullable Object group() {
    return group;
  }

  @Override
  public boolean isDueAt(long time) {
    looksAtTime++;
    return live && !marked && apart && dueAt == time;
  }

  @Override
  public long dueTime() {
    looksAtTime++;
    long seen = live && !marked && !inFlight && !apart ? ownTime : Schedule.NEVER;
    Runnable action = afterLook;
    if (action != null) {
      afterLook = null;
      action.run();
    }
    return seen;
  }

  @Override
  public @Nullable Object place() {
    return place;
  }

  @Override
  public void setPlace(@Nullable Object place) {
    this.place = place;
  }

  @Override
  public boolean mayComeEarly() {
    return !failed;
  }

  @Override
  public boolean isOwn() {
    return own;
  }

  @Override
  public boolean isWanted(Schedule.Kind kind, long now) {
    looks++;
    boolean free = failed ? dueAt - now <= 0 : ownTime == Schedule.NEVER || ownTime - now <= 0;
    return live && !inFlight && switch (kind) {
      case CREATION -> false;
      case DELETION -> marked && free;
      case FIRST -> !marked && fresh;
      case RETRY -> !marked && suspect;
      case REFRESH -> !marked && free;
    };
  }

  @Override
  public boolean isLeftOver() {
    return leftOver;
  }

  @Override
  public void setLeftOver(boolean leftOver) {
    this.leftOver = leftOver;
  }

  @Override
  public String toString() {
    return name;
  }

  @Override
  public boolean isLive() {
    return live;
  }

  @Override
  public boolean isRequested() {
    return requested;
  }

  @Override
  public boolean isSuspect() {
    return suspect;
  }
}
