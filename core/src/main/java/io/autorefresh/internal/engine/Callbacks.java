package io.autorefresh.internal.engine;

import io.autorefresh.BatchCreator;
import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Intervals;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.share.Codec;
import java.util.Collections;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls the user's code that runs in the threads of creating callers: the creator, and what the user says of the
 * created value. What the latter throws is contained.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
final class Callbacks<K, V> implements Traits<K, V> {

  private final Settings<K, V> settings;
  private final FailureLog log;
  private final Intervals<K, V> intervals;

  Callbacks(Settings<K, V> settings, FailureLog log) {
    this.settings = settings;
    this.log = log;
    this.intervals = new Intervals<>(settings, log);
  }

  /** Whether the value is final; it is taken for live if the predicate throws. */
  @Override
  public boolean isTerminal(V value) {
    Predicate<? super V> terminal = settings.terminal;
    try {
      return terminal != null && terminal.test(value);
    } catch (Throwable t) {
      log.contain("the terminal predicate", value.getClass().getName(), t);
      return false;
    }
  }

  /** Returns the group of the item; if the key cannot be had, a group of its own. */
  @Override
  public @Nullable Object groupOf(K id, V value) {
    BiFunction<? super K, ? super V, ?> batchBy = settings.batchBy;
    if (batchBy == null) {
      return null;
    }
    try {
      return Objects.requireNonNull(batchBy.apply(id, value), "the group key is null");
    } catch (Throwable t) {
      log.contain("the group key", id, t);
      return new Object();
    }
  }

  @Override
  public boolean areShared() { return settings.isShared(); }

  /** Returns the text of an id for other caches, or null if the codec has none. */
  @Override
  public @Nullable String textOf(K id) {
    Codec<K, V> codec = settings.codec;
    try {
      return codec == null ? null : Objects.requireNonNull(codec.text(id), "the text is null");
    } catch (Throwable t) {
      log.contain("the codec", id, t);
      return null;
    }
  }

  @Override
  public boolean haveIntervals() { return settings.interval != null; }

  @Override
  public long dueAt(K id, V value, long now) { return intervals.dueAt(id, value, now); }

  /** Calls a creator; what it throws comes out unchecked. */
  V create(K id, Creator<? super K, ? extends V> creator) {
    try {
      V item = creator.create(id);
      if (item == null) {
        throw new NullPointerException("the creator of '" + id + "' in " + settings.name + " returned null");
      }
      return item;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw settings.creationFailed(id, e);
    }
  }

  /** Calls a batch creator for one id; what it throws comes out as a {@link CreationException}. */
  V createAlone(K id, BatchCreator<K, V> creator) {
    V item;
    try {
      item = creator.create(Collections.singleton(id)).get(id);
    } catch (Throwable t) {
      if (t instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw settings.creationFailed(id, t);
    }
    if (item == null) {
      throw settings.creationFailed(id, null);
    }
    return item;
  }
}
