package io.autorefresh.internal.cycle;

/** Prints where a thread is, for the log. */
public final class StackTraces {

  private StackTraces() {}

  /** Returns the thread's name and its stack, a line for each frame, beginning with a line break. */
  public static String of(Thread thread) {
    StringBuilder text = new StringBuilder();
    text.append("\n  ").append(thread.getName()).append(" (#").append(thread.threadId()).append(')');
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    return text.toString();
  }
}
