package io.autorefresh.internal.cycle;

import io.autorefresh.BatchRefresher;
import io.autorefresh.Outcome;
import io.autorefresh.Refresher;
import java.util.Map;

/**
 * How a job asks the remote for its batch: by one of the two kinds of callback that users give.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Refresh<K, V> {

  /** Calls the callback and sets the outcomes; whatever it throws is the failure of all. */
  void call(Batch<K, V> batch) throws Exception;

  /** A call for each item, whose batches have one item therefore. */
  static <K, V> Refresh<K, V> each(Refresher<? super K, V> refresher) {
    return batch -> {
      for (int i = 0; i < batch.size(); i++) {
        V current = batch.value(i);
        V next = refresher.refresh(batch.item(i).id(), current);
        if (next == current) {
          batch.set(i, Outcome.unchanged());
        } else {
          batch.set(i, next == null ? Outcome.deleted() : Outcome.updated(next));
        }
      }
    };
  }

  /** One call for the whole batch. */
  static <K, V> Refresh<K, V> batch(BatchRefresher<K, V> refresher) {
    return batch -> {
      Snapshot<K, V> snapshot = batch.snapshot();
      Map<K, Outcome<V>> result = refresher.refresh(snapshot);
      if (result == null) {
        throw new NullPointerException("the batch refresher returned null");
      }
      for (Map.Entry<K, Outcome<V>> entry : result.entrySet()) {
        int place = snapshot.place(entry.getKey());
        Outcome<V> outcome = entry.getValue();
        if (place < 0) {
          batch.addUnknown(entry.getKey());
        } else {
          batch.set(place, outcome != null ? outcome : batch.nullOutcome());
        }
      }
    };
  }
}
