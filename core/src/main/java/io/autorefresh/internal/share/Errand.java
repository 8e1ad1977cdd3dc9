package io.autorefresh.internal.share;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call of the exchange on its way, in a thread of its own. Its owner looks after its deadline: the owner, and not the
 * thread, decides that it is late, and then discards what comes of it.
 */
final class Errand {

  private final long deadline;
  private volatile long end;
  private volatile boolean late;
  private volatile @Nullable Thread thread;

  Errand(long now, long deadline) {
    this.deadline = deadline;
    this.end = now + deadline;
  }

  /** That thread is about to start. */
  void give(Thread thread) {
    this.thread = thread;
  }

  Duration deadline() { return Duration.ofNanos(deadline); }

  /** Its thread has other work to do, for which it has that much time. */
  void goOn(long now, long time) {
    end = now + time;
  }

  /** Its thread ends, and is not interrupted any more, except for a few instructions. */
  void finish() {
    thread = null;
    Thread.interrupted();
  }

  boolean isLate() { return late; }

  /** Returns how long there is no need to look; {@link Long#MAX_VALUE} if it is late. */
  long left(long now) { return late ? Long.MAX_VALUE : Math.max(0, end - now); }

  /**
   * Looks whether its time is over, and interrupts it then. Time in which this process stood still does not count.
   *
   * @param stood how much later than asked for the owner woke
   * @return the exception that says so, with the stack of the thread, or null
   */
  @Nullable TimeoutException look(long now, long stood) {
    if (late || now - end < 0) {
      return null;
    }
    if (stood > deadline / 2) {
      end = now + deadline;
      return null;
    }
    late = true;
    TimeoutException exception = new TimeoutException("the exchange took longer than " + deadline());
    Thread running = thread;
    exception.setStackTrace(running == null ? new StackTraceElement[0] : running.getStackTrace());
    interrupt();
    return exception;
  }

  private void interrupt() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
