package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Failure;

/** The numbers of items in each state. An item counts for each state that is true of it. */
public final class Gauges {

  /** Items in their final state, also those marked for deletion. */
  public int terminal;
  /** Items marked for deletion. */
  public int marked;
  /** Items whose first refresh has not started. */
  public int isNew;
  /** Items whose last refresh or deletion failed. */
  public int failing;
  /** Items whose last call failed as a whole. */
  public int suspects;

  /** Counts an item's condition, or uncounts it. */
  void count(Condition condition, int step) {
    Failure failure = condition.failure();
    isNew += condition.isNew() ? step : 0;
    failing += failure != null ? step : 0;
    suspects += failure != null && failure.suspect() ? step : 0;
  }

  /** Adds the numbers of a stripe. */
  void add(Stripe<?, ?> stripe) {
    terminal += stripe.gauges.terminal;
    marked += stripe.marked.size();
    isNew += stripe.gauges.isNew;
    failing += stripe.gauges.failing;
    suspects += stripe.gauges.suspects;
  }
}
