package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Outbox;
import java.util.function.Consumer;

/**
 * Tells the listener what the owner of a cycle brought about, which calls no user code itself, or what a job could not
 * tell in which the listener hangs; or tells the log what takes user code to be printed. It holds no slot, since it
 * does not call the remote, and runs even when its cycle is cancelled: what took effect is told. Like any other job it
 * is abandoned if it ignores its interruption.
 */
final class DeliveryJob<K, V> extends Job<K, V> {

  private Consumer<? super Job<K, V>> telling;

  DeliveryJob(Cycle<K, V> cycle, int number, Consumer<? super Job<K, V>> telling) {
    super(cycle, number, false);
    this.telling = telling;
  }

  @Override
  String prefix() {
    return cycle.name() + "/events-";
  }

  @Override
  boolean isWanted() {
    return true;
  }

  @Override
  void skip() {}

  @Override
  boolean take() {
    return true;
  }

  @Override
  void ask() {}

  /** What it does is no call that could time out: it has its result from the beginning. */
  @Override
  void apply() {
    beginApplying();
    telling.accept(this);
  }

  @Override
  void cancel() {
    interrupt();
  }

  @Override
  void expire(Outbox<K, V> outbox) {}

  @Override
  void release() {}

  @Override
  void forget() {
    telling = job -> {};
  }
}
