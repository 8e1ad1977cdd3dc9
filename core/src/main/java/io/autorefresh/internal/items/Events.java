package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events of a map to its listener, if it has one: posted under a stripe's lock at their effect, delivered with
 * no lock held, in order for each id (see {@link Deliveries}).
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Events<K, V> {

  private final ItemMap<K, V> map;
  private final @Nullable Consumer<? super ItemEvent<K, V>> listener;

  /** Takes a listener that does not throw, or null. */
  Events(ItemMap<K, V> map, @Nullable Consumer<? super ItemEvent<K, V>> listener) {
    this.map = map;
    this.listener = listener;
  }

  /** A place for the events that the caller is going to deliver. */
  public List<ItemEvent<K, V>> newOutbox() {
    return listener == null ? List.of() : new ArrayList<>(2);
  }

  /** Posts an event under the lock, just before its effect; what the caller has to deliver goes to the outbox. */
  void post(Stripe<K, V> stripe, List<ItemEvent<K, V>> outbox, ItemEvent<K, V> event) {
    if (listener != null && stripe.deliveries.post(event)) {
      outbox.add(event);
    }
  }

  /** Delivers events, and what was posted of the same ids meanwhile, with no lock held. */
  public void deliver(List<ItemEvent<K, V>> outbox) {
    Consumer<? super ItemEvent<K, V>> listener = this.listener;
    if (listener == null) {
      return;
    }
    for (ItemEvent<K, V> first : outbox) {
      for (ItemEvent<K, V> event = first; event != null; event = map.nextEvent(first.id())) {
        listener.accept(event);
      }
    }
  }
}
