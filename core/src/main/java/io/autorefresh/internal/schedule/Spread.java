package io.autorefresh.internal.schedule;

import java.util.function.LongSupplier;

/**
 * Says when the calls of one cycle after the other may begin, so that those of each lie evenly over its period, and no
 * second sees more than its share of them.
 *
 * <p><b>The pace.</b> From the cycle's beginning on, a call is due every {@code gap}: nine tenths of the period are
 * shared out, and the rest absorbs delays; or more of it, where only that keeps each second within the limit. A call
 * that begins late, since the clock is coarse, the machine paused or all slots were taken, does not move those after
 * it: the delay is caught up. Not so where there was {@linkplain #idle nothing to begin}: those places are lost, and so
 * are those that a cycle did not use before the next one.
 *
 * <p><b>The limit.</b> A call may begin only if the one that is {@code most} before it began a second earlier or more.
 * So no second, wherever it begins, sees more than {@code most}: 1.2 times the mean, or the next whole number above
 * the mean if that is more, since calls cannot be split. (Where the mean is a whole number up to four, that is the
 * limit as well, and leaves nothing to catch up with.) The times of the last calls outlive their cycle: each second
 * that ends in a cycle keeps the limit of that, whenever it began. And they are the times of the calls themselves, told
 * afterwards: when a call is let begin, its thread has not, and a busy machine brings to the remote at once what was let
 * begin one after the other.
 *
 * <p><b>Memory.</b> At most {@value #TIMES} times are kept. Where the limit is higher, they are those of every {@code
 * stride}-th call, and for a call whose time is not kept that of the next one counts whose is: so the limit is stricter
 * by {@code stride - 1} calls at most, which is less than a thousandth of it.
 *
 * <p>The limit is a sliding window log; with the pace alone, a delay would bring all that it held up at once. Plain
 * arithmetic: the reading of the ticker comes from the caller, who also sees to it that one thread at a time uses it.
 */
public final class Spread {

  private static final int TIMES = 1_000;

  private static final long SECOND = 1_000_000_000;
  /** In any second there may be so many times the mean. */
  private static final double MOST = 1.2;
  /** The part of a period that the calls take if they may. */
  public static final double PART = 0.9;
  private static final double ROUNDING = 1e-9;

  private long gap;
  /** When the next call is due. */
  private long due;
  /** How many calls have begun, in all cycles: the number of the next one. */
  private long count;
  /** When the last one began. */
  private LongSupplier last = () -> 0;

  private long most = 1;
  private long stride = 1;
  /** When each {@code stride}-th of the last {@code most} calls began. */
  private LongSupplier[] times = new LongSupplier[1];
  /** All calls before this one began a second before the last one, or earlier. */
  private long recent;

  /**
   * Spreads the calls of a cycle, and forgets what is left of those of the one before.
   *
   * @param began the ticker's reading at the cycle's beginning
   * @param period nanoseconds
   * @param calls how many there will be
   */
  public void plan(long began, long period, int calls) {
    double mean = (double) period / Math.max(1, calls);
    double limit = Math.max(1, Math.max(Math.floor(MOST * SECOND / mean), Math.ceil(SECOND / mean - ROUNDING)));
    limitTo((long) limit);
    gap = (long) Math.ceil(Math.min(mean, Math.max(PART * mean, SECOND / limit)));
    due = began;
  }

  /** There was nothing to begin until this time. */
  public void idle(long until) {
    if (until - due > 0) {
      due = until;
    }
  }

  /** Returns for how long to wait before the next call may begin; zero if it may at once. */
  public long delay(long now) {
    long before = count - most;
    long limit = before < recent ? 0 : begun(before).getAsLong() + SECOND - now;
    return Math.max(0, Math.max(due - now, limit));
  }

  /**
   * Counts a call that is let begin, at a time at which {@link #delay} is zero.
   *
   * @param time the ticker's reading when it began or, as long as it has not, the present one: it begins no sooner
   */
  public void begin(LongSupplier time) {
    recent = Math.max(recent, count - most + 1);
    due += gap;
    last = time;
    if (count % stride == 0) {
      times[slot(count)] = time;
    }
    count++;
  }

  private void limitTo(long newMost) {
    long newStride = Math.ceilDiv(newMost, TIMES);
    LongSupplier[] newTimes = new LongSupplier[(int) Math.ceilDiv(newMost, newStride)];
    long first = Math.ceilDiv(Math.max(recent, count - newMost), newStride);
    for (long i = first; i * newStride < count; i++) {
      newTimes[(int) (i % newTimes.length)] = begun(i * newStride);
    }
    most = newMost;
    stride = newStride;
    times = newTimes;
  }

  /** Returns when a call began, or if that is not known any more, when the first one after it did of which it is. */
  private LongSupplier begun(long call) {
    long kept = Math.ceilDiv(Math.max(call, count - most), stride) * stride;
    return kept < count ? times[slot(kept)] : last;
  }

  private int slot(long call) {
    return (int) (call / stride % times.length);
  }
}
