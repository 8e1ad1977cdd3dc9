package io.autorefresh.internal.cycle;

import io.autorefresh.Outcome;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.SharedItem;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Schedule;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One call of the refresher, for one batch, with the values of that moment. Outcomes are applied one by one.
 */
final class RefreshJob<K, V> extends Job<K, V> {

  private @Nullable Batch<K, V> batch;
  /** What the other caches get to know, if any share the refreshes. */
  private @Nullable Publication<K, V> publication;
  /** Whether the answer mentions other ids alone. */
  private boolean strange;
  /** Whether the call threw. */
  private boolean threw;
  private @Nullable Throwable lastThrown;
  private @Nullable Cause lastCause;

  RefreshJob(Cycle<K, V> cycle, Call<Item<K, V>> call) {
    super(cycle, "batch", "the refresher", call);
  }

  @Override
  void ask() {
    Batch<K, V> batch = new Batch<>(items());
    this.batch = batch;
    if (cycles.sharing != null) {
      publication = new Publication<>(cycles, cycles.sharing, batch.size(), asOf());
    }
    count(Count.REFRESH_CALLS, 1);
    try {
      cycles.refresh().call(batch);
    } catch (Throwable t) {
      if (isRunning()) {
        threw = true;
        note(batch, 0, callback, t);
      }
      return;
    }
    count(Count.UNKNOWN_IDS, batch.unknown());
    Object stranger = batch.unknown() == 0 ? null : batch.strangerIfOnly();
    if (stranger != null) {
      strange = true;
      cycles.noteStranger(batch.item(0).id(), stranger);
    }
    for (int i = 0; i < batch.size() && isRunning(); i++) {
      dropInterrupt();
      judge(batch, i);
    }
  }

  /** Asks the user what the outcome means, while the call's time still runs. What that throws fails the item. */
  private void judge(Batch<K, V> batch, int place) {
    Outcome<V> outcome = batch.outcome(place);
    if (outcome == null) {
      return;
    }
    if (outcome.cause() != null) {
      fail(batch, place, callback, outcome.cause());
      return;
    }
    V before = batch.value(place);
    V value = outcome.value();
    String callback = "the comparison of values";
    try {
      if (value != null && (value == before || cycles.settings.unchangedWhen.test(before, value))) {
        value = null;
        batch.set(place, unchanged(outcome));
      }
      callback = "the group key";
      BiFunction<? super K, ? super V, ?> batchBy = cycles.settings.batchBy;
      if (value != null && batchBy != null) {
        Object group = batchBy.apply(batch.item(place).id(), value);
        batch.setGroup(place, Objects.requireNonNull(group, "the group key is null"));
      }
      callback = "the terminal predicate";
      Predicate<? super V> terminal = cycles.settings.terminal;
      boolean confirms = outcome.kind() == Outcome.Kind.UPDATED || outcome.kind() == Outcome.Kind.UNCHANGED;
      if (terminal != null && confirms && terminal.test(value == null ? before : value)) {
        batch.setTerminal(place);
      } else if (confirms && (cycles.settings.interval != null || publication != null)) {
        // A shared item is due one period after it was claimed, so that a slow call makes no answer older than that.
        long now = publication == null ? cycles.ticker().read() : asOf();
        batch.setDueAt(place, cycles.intervals.dueAt(batch.item(place).id(), value == null ? before : value, now));
      }
      if (confirms && publication != null) {
        publication.encode(place, batch.shared(place), value == null ? before : value, value != null);
      }
    } catch (Throwable t) {
      count(Count.CALLBACK_FAILURES, 1);
      fail(batch, place, callback, t);
    }
  }

  private void fail(Batch<K, V> batch, int place, String callback, Throwable thrown) {
    batch.fail(place, thrown, note(batch, place, callback, thrown));
  }

  /** Items of one call that fail by the same exception share what is kept of it. */
  private Cause note(Batch<K, V> batch, int place, String callback, Throwable thrown) {
    Cause cause = lastCause;
    if (cause == null || thrown != lastThrown) {
      cause = cycles.note(callback, batch.item(place).id(), thrown);
      lastThrown = thrown;
      lastCause = cause;
    }
    return cause;
  }

  private static <V> Outcome<V> unchanged(Outcome<V> updated) {
    Outcome<V> unchanged = Outcome.unchanged();
    if (!updated.age().isZero()) {
      unchanged = unchanged.aged(updated.age());
    }
    return updated.nextIn().isPresent() ? unchanged.nextIn(updated.nextIn().get()) : unchanged;
  }

  @Override
  void apply() {
    if (threw) {
      failAll(Objects.requireNonNull(lastThrown), Objects.requireNonNull(lastCause), false);
      publishFailure(lastCause.isRetryAfter());
      return;
    }
    answered();
    Batch<K, V> batch = Objects.requireNonNull(this.batch);
    long now = cycles.ticker().read();
    if (cycles.sharing != null) {
      cycles.sharing.observeCall(now - asOf());
    }
    Count same = null;
    int run = 0;
    boolean lost = false;
    for (int i = 0; i < batch.size(); i++) {
      boolean wasTerminal = batch.item(i).isTerminal();
      Count count = apply(batch, i, now);
      if (publication != null && count == Count.DELETED_BY_REMOTE) {
        publication.deleted(batch.shared(i));
      } else if (publication != null && count == Count.FAILED) {
        publication.failed(batch.shared(i), false, batch.item(i).dueAt(now));
      }
      if (batch.isTerminal(i) && !wasTerminal && (count == Count.UPDATED || count == Count.UNCHANGED)) {
        count(Count.BECAME_TERMINAL, 1);
      }
      lost |= count == Count.STALE_OUTCOMES;
      if (count != same) {
        add(same, run);
        same = count;
        run = 0;
      }
      run++;
    }
    add(same, run);
    settled = !lost;
    if (publication != null) {
      publication.send();
    }
    cycles.log.look();
  }

  /** The call has failed as a whole. */
  private void publishFailure(boolean paused) {
    Batch<K, V> batch = this.batch;
    if (batch != null && publication != null) {
      for (int i = 0; i < batch.size(); i++) {
        publication.failed(batch.shared(i), paused, dueAt());
      }
      publication.send();
    }
  }

  private void add(@Nullable Count count, int n) {
    if (count != null) {
      count(count, n);
    }
  }

  private Count apply(Batch<K, V> batch, int place, long now) {
    Fence<K, V> fence = cycles.fence;
    Item<K, V> item = batch.item(place);
    Outcome<V> outcome = batch.outcome(place);
    if (outcome == null) {
      boolean kept = fence.leaveUnanswered(item, this, false, cycles.intervals.nextAsk(now));
      if (kept && !strange) {
        cycles.noteUnanswered(item);
      }
      return effective(Count.UNANSWERED, kept);
    }
    return switch (outcome.kind()) {
      case UPDATED -> effective(Count.UPDATED, confirm(batch, place, outcome, now));
      case UNCHANGED -> effective(Count.UNCHANGED, confirm(batch, place, outcome, now));
      case DELETED -> fence.timesGone(item) + 1 >= cycles.settings.deletedAfter
          ? effective(Count.DELETED_BY_REMOTE, fence.remove(item, this))
          : effective(Count.UNANSWERED, fence.leaveUnanswered(item, this, true, cycles.intervals.nextAsk(now)));
      case FAILED -> effective(
          Count.FAILED, fail(item, Objects.requireNonNull(outcome.cause()), batch.cause(place)));
    };
  }

  private boolean confirm(Batch<K, V> batch, int place, Outcome<V> outcome, long now) {
    Item<K, V> item = batch.item(place);
    long at = publication == null ? now : asOf();
    long dueAt = batch.dueAt(place);
    boolean named = false;
    if (outcome != Outcome.<V>unchanged()) {
      at -= outcome.age().toNanos();
      if (outcome.nextIn().isPresent()) {
        long least = cycles.settings.period / 10;
        dueAt = now + Math.max(least, outcome.nextIn().get().toNanos());
        named = true;
      }
    }
    V updated = outcome.value();
    boolean terminal = batch.isTerminal(place);
    if (publication == null) {
      return cycles.fence.confirm(item, this, updated, batch.group(place), terminal, at, dueAt, named, 0);
    }
    if (item.isConfirmed() && at - item.confirmedAt() < 0) {
      // The answer is older than what is known.
      at = item.confirmedAt();
      updated = null;
      terminal = item.isTerminal();
    }
    SharedItem<K, V> shared = batch.shared(place);
    long version = publication.version(shared, updated != null, at);
    boolean effective =
        cycles.fence.confirm(item, this, updated, batch.group(place), terminal, at, dueAt, named, version);
    if (effective) {
      publication.confirmed(place, shared, updated != null, at, version, named ? dueAt - at : -1);
    }
    return effective;
  }

  private static Count effective(Count count, boolean effective) { return effective ? count : Count.STALE_OUTCOMES; }
}
