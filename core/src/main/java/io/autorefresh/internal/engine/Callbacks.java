package io.autorefresh.internal.engine;

import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.ItemEvent;
import io.autorefresh.internal.cycle.CauseLog;
import io.autorefresh.internal.cycle.Tally;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.IdText;
import io.autorefresh.internal.items.Interruptible;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the user's code where no job does: predicates, listeners and creators in the threads of those who create
 * items, group keys in the thread that plans a cycle. What it throws is contained, and it is known to whoever
 * closes the cache.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
final class Callbacks<K, V> {

  private final Settings<K, V> settings;
  private final Guards guards;
  private final Tally totals;
  private volatile CauseLog causes;

  Callbacks(Settings<K, V> settings, Guards guards, Tally totals, CauseLog causes) {
    this.settings = settings;
    this.guards = guards;
    this.totals = totals;
    this.causes = causes;
  }

  /** A cycle begins: what was logged in the one before may be logged again. */
  void renewLog() {
    causes = causes.forCycle(settings.name());
  }

  IllegalStateException closed() {
    return new IllegalStateException(settings.name() + " is closed");
  }

  /** Asks the predicate about a value that is being created; if it throws, the item is taken for live. */
  boolean isTerminal(V value) {
    if (settings.terminal() == Settings.NOTHING_IS_TERMINAL) {
      return false;
    }
    Interruptible guard = begin();
    try {
      return settings.terminal().test(value);
    } catch (Throwable t) {
      contain("the terminal predicate", value.getClass().getName(), t);
      return false;
    } finally {
      guards.end(guard);
    }
  }

  /** Asks for the group of an item; what that throws is the item's failure. */
  @Nullable Object groupOf(K id, V item) {
    Interruptible guard = begin();
    try {
      return Objects.requireNonNull(settings.batchBy(), "batchBy").apply(id, item);
    } finally {
      guards.end(guard);
    }
  }

  /** Tells the listener. */
  void tell(Consumer<? super ItemEvent<K, V>> listener, ItemEvent<K, V> event) {
    Interruptible guard = guards.begin();
    if (guard == null) {
      return;
    }
    try {
      listener.accept(event);
    } catch (Throwable t) {
      contain("the listener", event.id(), t);
    } finally {
      guards.end(guard);
    }
  }

  /** Calls a creator; what it throws comes out unchecked. */
  V create(K id, Creator<? super K, ? extends V> creator) {
    try {
      V item = creator.create(id);
      if (item == null) {
        throw new NullPointerException("the creator of " + IdText.of(id) + " in " + settings.name() + " returned null");
      }
      return item;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new CreationException("the creator of " + IdText.of(id) + " in " + settings.name() + " failed", e);
    }
  }

  private Interruptible begin() {
    Interruptible guard = guards.begin();
    if (guard == null) {
      throw closed();
    }
    return guard;
  }

  private void contain(String callback, Object id, Throwable thrown) {
    totals.add(Count.CONTAINED, 1);
    causes.log(callback, id, thrown);
  }
}
