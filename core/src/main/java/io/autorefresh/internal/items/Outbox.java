package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What a thread has to do for the events that it brought about: some are its own to deliver; most of the others are
 * delivered by somebody else and none of its concern, but where too many wait it waits as well, if it may, until
 * whoever delivers that id has done so. Used by one thread.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Outbox<K, V> {

  /** A first event, and the delivery of its id that it began. */
  record Claimed<K, V>(Deliveries.Delivery<K, V> delivery, ItemEvent<K, V> event) {}

  final List<Claimed<K, V>> claimed = new ArrayList<>(1);
  final List<CountDownLatch> awaited = new ArrayList<>(0);

  Outbox() {}

  /** Whether there is nothing to deliver and nothing to wait for. */
  public boolean isEmpty() {
    return claimed.isEmpty() && awaited.isEmpty();
  }
}
