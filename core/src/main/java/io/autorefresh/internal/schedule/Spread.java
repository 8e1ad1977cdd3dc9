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
 * that ends in a cycle keeps the limit of that, whenever it began.
 *
 * <p><b>Lateness.</b> When a call is let begin, its thread has not, and a busy machine may bring to the remote at once
 * what was let begin one after the other. So for the limit a call begins when it does, which is told afterwards. That
 * slows the calls down, and where all of them are late there would be fewer than the period needs, though they are no
 * closer together by that. So it has its bounds: three quarters of the time that the limit leaves in a second, which is
 * .15 s where the limit is 1.2 times the mean, and none where it is the mean. Only a call that is later than that may
 * be one too many in its second.
 *
 * <p><b>Memory.</b> At most {@value #TIMES} times are kept. Where the limit is higher, they are those of every {@code
 * stride}-th call, and for a call whose time is not kept that of the next one counts whose is: so where none is late the
 * limit is stricter by {@code stride - 1} calls at most, which is less than a thousandth of it.
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
  /** The part of the time that the limit leaves in a second which is for calls that are late. */
  private static final double PATIENCE = 0.75;
  /** The lateness of a call that is not late. */
  public static final LongSupplier IN_TIME = () -> 0;

  /**
   * A call.
   *
   * @param late how long it began, or has not begun, after it was let begin
   */
  private record Call(long letBegin, LongSupplier late) {}

  private long gap;
  /** When the next call is due. */
  private long due;
  /** How many calls have begun, in all cycles: the number of the next one. */
  private long count;
  private Call last = new Call(0, IN_TIME);

  private long most = 1;
  private long stride = 1;
  private long patience;
  /** Each {@code stride}-th of the last {@code most} calls. */
  private Call[] calls = new Call[1];
  /** All calls before this one began a second before the last one, or earlier. */
  private long recent;

  /**
   * Spreads the calls of a cycle, and forgets what is left of those of the one before.
   *
   * @param began the ticker's reading at the cycle's beginning
   * @param period nanoseconds
   * @param number how many calls there will be
   */
  public void plan(long began, long period, int number) {
    double mean = (double) period / Math.max(1, number);
    double limit = Math.max(1, Math.max(Math.floor(MOST * SECOND / mean), Math.ceil(SECOND / mean - ROUNDING)));
    limitTo((long) limit);
    gap = (long) Math.ceil(Math.min(mean, Math.max(PART * mean, SECOND / limit)));
    patience = (long) (PATIENCE * Math.max(0, limit * mean - SECOND));
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
    long limit = before < recent ? 0 : begun(kept(before)) + SECOND - now;
    return Math.max(0, Math.max(due - now, limit));
  }

  /** When a call began, as far as it is late in bounds. */
  private long begun(Call call) {
    return call.letBegin + Math.min(call.late.getAsLong(), patience);
  }

  /**
   * Counts a call that is let begin, at a time at which {@link #delay} is zero.
   *
   * @param late tells how long after that it began or, as long as it has not, how long ago that was
   */
  public void begin(long now, LongSupplier late) {
    recent = Math.max(recent, count - most + 1);
    due += gap;
    last = new Call(now, late);
    if (count % stride == 0) {
      calls[slot(count)] = last;
    }
    count++;
  }

  private void limitTo(long newMost) {
    long newStride = Math.ceilDiv(newMost, TIMES);
    Call[] newCalls = new Call[(int) Math.ceilDiv(newMost, newStride)];
    long first = Math.ceilDiv(Math.max(recent, count - newMost), newStride);
    for (long i = first; i * newStride < count; i++) {
      newCalls[(int) (i % newCalls.length)] = kept(i * newStride);
    }
    most = newMost;
    stride = newStride;
    calls = newCalls;
  }

  /** Returns a call or, if that is not kept, the first one after it that is. */
  private Call kept(long call) {
    long kept = Math.ceilDiv(Math.max(call, count - most), stride) * stride;
    return kept < count ? calls[slot(kept)] : last;
  }

  private int slot(long call) {
    return (int) (call / stride % calls.length);
  }
}
