package io.autorefresh.internal.schedule;

/** Makes failures for tests that do not ask what failed. */
public final class Failures {

  private Failures() {}

  public static Cause cause(long retryAfter) {
    return new Cause("Failure", "of the test", retryAfter, new Tally());
  }

  public static Failure failure(int count, long dueAt) {
    return new Failure(count, cause(-1), 0, 0, dueAt, false, 0);
  }
}
