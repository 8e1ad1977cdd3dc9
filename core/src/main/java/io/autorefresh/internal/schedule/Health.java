package io.autorefresh.internal.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The troubles of one group: whether it is paused or down, when its failed batches are halved, and when it is probed. A
 * group without trouble has none.
 *
 * <p><b>Suspects.</b> A call that failed as a whole makes its things suspects, which are called again in two halves: so
 * a bad thing of a batch is alone after log2(batch size) failures. In ten periods at most as many batches are halved as
 * make a tenth of the group's calls, or twice that logarithm and one. Beyond that bound, suspects are called again
 * whole. They are also called whole while the group seems to be down, so that an outage does not use up the halvings.
 *
 * <p><b>Down.</b> A group is down after three failed calls in a row for things that were no suspects (a group of fewer
 * batches: three of any) when it had no success for a period. Then nothing is halved, and the things of abandoned calls
 * stay out, except for one probe at a time. Each probe has half as many things as the one before, those with the oldest
 * probe first. The time between probes grows from one period to sixteen, or five minutes if that is less. A successful
 * call ends the outage. Where calls throw, a part of a batch is probed between its retries: so a good thing is found
 * where each batch has a bad one, as with two bad ones in the only batch.
 *
 * <p>Plain arithmetic, used by the schedule alone.
 */
final class Health<T extends Due> {

  private static final int MANY = 3;
  private static final int WINDOW = 10;
  private static final int MAX_PROBES = 16;

  private final long period;
  private final int batchSize;
  /** The number of batches of the group. */
  int batches;
  /** The calls that failed in a row, and those of them whose things were no suspects. */
  private int failed;
  private int failedOrdinary;
  private long failingSince;
  private boolean down;
  /** Whether the last call has timed out. */
  boolean timedOut;
  /** The number of abandoned calls that run. */
  int hanging;
  /** The number of those that had been abandoned before calls began to fail in a row. */
  private int hangingBefore;
  private boolean paused;
  private long pausedUntil;
  private final Deque<Long> halvings = new ArrayDeque<>(0);
  /** The entries that stay out, the one with the oldest probe first. */
  private final Deque<Entry<T>> out = new ArrayDeque<>(0);
  private boolean probing;
  private long probeAt;
  private int failedProbes;
  private int probeSize;

  Health(long period, int batchSize, int batches) {
    this.period = period;
    this.batchSize = batchSize;
    this.batches = batches;
  }

  /** A call has failed; returns whether the group is down since then. */
  boolean fail(boolean ordinary, long now) {
    if (failed++ == 0) {
      failingSince = now;
      hangingBefore = hanging;
    }
    failedOrdinary += ordinary ? 1 : 0;
    boolean many = failedOrdinary >= MANY || batches < MANY && failed >= MANY;
    if (down || !many || now - failingSince < period) {
      return false;
    }
    down = true;
    failedProbes = 1;
    probeAt = now + period;
    probeSize = Math.max(1, batchSize / 2);
    return true;
  }

  /** A call has succeeded; returns the entries that stayed out, in batches of at most half the size. */
  List<Entry<T>> succeed(long now) {
    failed = 0;
    failedOrdinary = 0;
    down = false;
    List<Entry<T>> back = new ArrayList<>();
    out.removeIf(entry -> entry.sort() == Entry.Sort.OUTAGE);
    for (Entry<T> entry : out) {
      Entry<T> suspects = entry.with(Entry.Sort.SUSPECT, entry.waiting(), now);
      if (2 * suspects.things().size() > batchSize) {
        halves(suspects, back);
      } else if (!suspects.things().isEmpty()) {
        back.add(suspects);
      }
    }
    out.clear();
    return back;
  }

  /** Returns the entries in which suspects are called again: one, or two halves if the bound on halvings allows. */
  List<Entry<T>> retry(Entry<T> failed, long now) {
    while (!halvings.isEmpty() && now - halvings.element() >= WINDOW * period) {
      halvings.remove();
    }
    int logarithm = Integer.SIZE - Integer.numberOfLeadingZeros(batchSize - 1);
    if (down) {
      Entry<T> outage = failed.with(Entry.Sort.OUTAGE, failed.things(), failed.time());
      int size = Math.min(probeSize, failed.things().size() / 2);
      if (!isAnyOut() && !probing && size > 0) {
        // The part is probed as well, if it still waits then.
        out.add(outage.with(outage.sort(), outage.things().subList(0, size), outage.time()));
      }
      return List.of(outage);
    }
    boolean seemsDown = failedOrdinary >= MANY;
    if (seemsDown || failed.things().size() < 2 || halvings.size() >= Math.max(batches, 2 * logarithm + 1)) {
      return List.of(failed);
    }
    halvings.add(now);
    List<Entry<T>> halves = new ArrayList<>(2);
    halves(failed, halves);
    return halves;
  }

  private static <T extends Due> void halves(Entry<T> entry, List<Entry<T>> to) {
    List<T> things = entry.things();
    int half = things.size() / 2;
    if (half > 0) {
      to.add(entry.with(entry.sort(), things.subList(0, half), entry.time()));
    }
    if (!things.isEmpty()) {
      to.add(entry.with(entry.sort(), things.subList(half, things.size()), entry.time()));
    }
  }

  // Down

  boolean isDown() { return down; }

  long failingSince() { return failingSince; }

  void stayOut(Entry<T> entry) {
    out.add(entry);
  }

  private boolean isAnyOut() {
    while (!out.isEmpty() && out.element().isStale()) {
      out.remove();
    }
    return !out.isEmpty();
  }

  /**
   * Whether the whole group waits for a probe, because too many of its calls hang. Calls that hung before the outage do
   * not count: if only their bad things stayed out, no probe would succeed after the outage.
   */
  boolean isWaiting(int maxConcurrency) {
    hangingBefore = Math.min(hangingBefore, hanging);
    return down && hanging - hangingBefore > maxConcurrency && isAnyOut();
  }

  /** Returns when the next probe is due, or {@link Schedule#NEVER}. */
  long probeAt() { return down && !probing && isAnyOut() ? probeAt : Schedule.NEVER; }

  /** Takes the things of a probe, which is due. */
  Entry<T> probe() {
    probing = true;
    Entry<T> first = out.remove();
    List<T> things = first.waiting();
    int size = Math.min(probeSize, things.size());
    if (size < things.size()) {
      out.addFirst(first.with(first.sort(), things.subList(size, things.size()), first.time()));
    }
    return first.with(first.sort(), things.subList(0, size), first.time());
  }

  /** A probe has ended. */
  void endProbe(long now, boolean failed) {
    probing = false;
    if (failed) {
      failedProbes = Math.min(MAX_PROBES, failedProbes + 1);
      probeAt = now + Backoff.probeDelay(failedProbes, period);
      probeSize = Math.max(1, probeSize / 2);
    }
  }

  // Paused

  /** The remote asked for a delay; returns whether the group was not paused. */
  boolean pause(long until) {
    boolean first = !paused;
    paused = true;
    pausedUntil = until;
    return first;
  }

  boolean isPaused() { return paused; }

  long pausedUntil() { return pausedUntil; }

  /** Returns whether a pause has just ended. */
  boolean endPause(long now) {
    boolean ends = paused && now - pausedUntil >= 0;
    paused &= !ends;
    return ends;
  }

  /** Whether the group has no trouble any more, and no halving that counts. */
  boolean isOver(long now) {
    boolean remembers = !halvings.isEmpty() && now - halvings.getLast() < WINDOW * period;
    return failed == 0 && !timedOut && hanging == 0 && !paused && !remembers;
  }
}
