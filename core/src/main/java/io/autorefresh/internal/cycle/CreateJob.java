package io.autorefresh.internal.cycle;

import io.autorefresh.BatchCreator;
import io.autorefresh.internal.items.Creation;
import io.autorefresh.internal.items.Creations;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Newborn;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Cause;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One call of the batch creator, for ids that wait for it. It has no items: it inserts what was made. */
final class CreateJob<K, V> extends Job<K, V> {

  private final BatchCreator<K, V> creator;
  private final Creations<K, V> creations;
  private List<Creation<K, V>> wanted = new ArrayList<>();
  /** Whether the wanted ones are claimed. */
  private volatile boolean claimed;
  /** What was made, or null, in the order of the creations. */
  private final List<@Nullable Newborn<V>> made = new ArrayList<>();
  private @Nullable Throwable thrown;

  CreateJob(Cycle<K, V> cycle, String prefix, int number, BatchCreator<K, V> creator, Call<Item<K, V>> call) {
    super(cycle, prefix, number, call);
    this.creator = creator;
    this.creations = cycles.map.creations();
    Creation<K, V> creation;
    while (wanted.size() < cycles.settings.createBatchSize && (creation = cycles.handOut().pollCreation()) != null) {
      wanted.add(creation);
    }
  }

  @Override
  boolean take() {
    wanted = wanted.stream().filter(Creation::claim).toList();
    claimed = true;
    return !wanted.isEmpty();
  }

  @Override
  void ask() {
    Set<K> ids = new LinkedHashSet<>();
    wanted.forEach(creation -> ids.add(creation.id()));
    creations.beginCreator();
    try {
      Map<K, V> values = creator.create(Collections.unmodifiableSet(ids));
      for (Creation<K, V> creation : wanted) {
        dropInterrupt();
        V value = values.get(creation.id());
        made.add(value == null ? null : creations.newborn(creation.id(), value));
      }
    } catch (Throwable t) {
      thrown = t;
    } finally {
      creations.endCreator();
    }
  }

  @Override
  void apply() {
    for (int i = 0; i < wanted.size(); i++) {
      Newborn<V> newborn = thrown == null ? made.get(i) : null;
      if (newborn == null) {
        fail(wanted.get(i), thrown);
      } else {
        try {
          creations.insert(wanted.get(i), newborn);
        } catch (IllegalStateException e) {
          // The cache is closed, which the callers know.
        }
      }
    }
    answered();
  }

  @Override
  int failAll(Throwable thrown, Cause cause, boolean runs) {
    wanted.forEach(creation -> fail(creation, thrown));
    return 0;
  }

  private void fail(Creation<K, V> creation, @Nullable Throwable thrown) {
    creations.fail(creation, cycles.settings.creationFailed(creation.id(), thrown));
  }

  @Override
  void giveUp() {
    for (Creation<K, V> creation : wanted) {
      if (claimed ? !creation.isOver() : creation.claim()) {
        fail(creation, new IllegalStateException(name() + " was cancelled"));
      }
    }
  }

  @Override
  String callback() { return "the batch creator"; }

  @Override
  Count failure() { return Count.CREATION_FAILURES; }
}
