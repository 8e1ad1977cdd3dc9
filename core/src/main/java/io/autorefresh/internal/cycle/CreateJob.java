package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Creation;
import io.autorefresh.internal.items.Creations;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Cause;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One call of the batch creator for waiting creations. It has no items: it inserts the created values. */
final class CreateJob<K, V> extends Job<K, V> {

  private final Creations<K, V> creations;
  private List<Creation<K, V>> wanted = new ArrayList<>();
  /** Whether the wanted creations are claimed. */
  private volatile boolean claimed;
  private final Map<Creation<K, V>, Item<K, V>> made = new HashMap<>();
  private @Nullable Throwable thrown;

  CreateJob(Cycle<K, V> cycle, Call<Item<K, V>> call) {
    super(cycle, "create", "the batch creator", call);
    this.creations = cycles.map.creations();
    Creation<K, V> creation;
    while (wanted.size() < cycles.settings.createBatchSize && (creation = cycles.handOut.pollCreation()) != null) {
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
      Map<K, V> values =
          Objects.requireNonNull(cycles.settings.batchCreator).create(Collections.unmodifiableSet(ids));
      for (Creation<K, V> creation : wanted) {
        dropInterrupt();
        V value = values.get(creation.id());
        if (value != null) {
          made.put(creation, creations.newborn(creation.id(), value));
        }
      }
    } catch (Throwable t) {
      thrown = t;
    } finally {
      creations.endCreator();
    }
  }

  @Override
  void apply() {
    for (Creation<K, V> creation : wanted) {
      Item<K, V> newborn = thrown == null ? made.get(creation) : null;
      if (newborn == null) {
        fail(creation, thrown);
      } else {
        try {
          creations.insert(creation, newborn);
        } catch (IllegalStateException e) {
          creations.fail(creation, e);
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
}
