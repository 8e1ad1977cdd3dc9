package io.autorefresh.benchmarks;

import io.autorefresh.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The remote of every cycle and every peer. It answers after a given time, for one item or for a batch, and counts the
 * items that it is asked for while counting is on.
 */
final class Remote {

  private final Answer answer;
  private final long nanos;
  private final LongAdder asked = new LongAdder();
  private volatile boolean counting;

  Remote(Answer answer, long nanos) {
    this.answer = answer;
    this.nanos = nanos;
  }

  /** Returns the present state of one item: another instance if it has changed. */
  Item ask(String id, Item current) {
    before(1);
    return answer.changes(id) ? current.next() : current;
  }

  /** Returns the present state of several items. */
  Map<String, Outcome<Item>> askAll(Map<String, Item> items) {
    before(items.size());
    Map<String, Outcome<Item>> outcomes = HashMap.newHashMap(items.size());
    items.forEach((id, item) -> {
      outcomes.put(id, answer.changes(id) ? Outcome.updated(item.next()) : Outcome.unchanged());
    });
    return outcomes;
  }

  void count(boolean on) {
    counting = on;
  }

  /** Returns how many items were asked for while it counted. */
  long counted() {
    return asked.sum();
  }

  private void before(int items) {
    if (counting) {
      asked.add(items);
    }
    if (nanos > 0) {
      long end = System.nanoTime() + nanos;
      for (long left = nanos; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }
}
