package io.autorefresh.internal.items;

/** How many items are in which state. An item counts for each state that is true of it. */
public final class Gauges {

  /** Items in their final state, also if they are marked for deletion. */
  public int terminal;
  /** Items marked for deletion. */
  public int marked;
  /** Items whose first refresh has not started. */
  public int isNew;
  /** Items whose last refresh or deletion failed. */
  public int failing;

  /** Items whose last call failed as a whole. */
  public int suspects;

  /** Counts an item with its present state, or takes it out of the count; except whether it is marked. */
  void count(Item<?, ?> item, int step) {
    if (item.terminal) {
      terminal += step;
    }
    Condition condition = item.condition;
    if (condition != null) {
      isNew += condition.isNew() ? step : 0;
      failing += condition.failure() == null ? 0 : step;
      suspects += item.isSuspect() ? step : 0;
    }
  }

  void add(Gauges other) {
    terminal += other.terminal;
    marked += other.marked;
    isNew += other.isNew;
    failing += other.failing;
    suspects += other.suspects;
  }
}
