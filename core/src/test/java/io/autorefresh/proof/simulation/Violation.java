package io.autorefresh.proof.simulation;

/** A rule of the contract was broken. */
final class Violation extends AssertionError {

  private static final long serialVersionUID = 1;

  private Violation(String text) {
    super(text);
  }

  static void unless(boolean holds, String rule, long now, Object... what) {
    if (!holds) {
      StringBuilder text = new StringBuilder(rule).append(" broken at ").append(now).append(" ns:");
      for (Object part : what) {
        text.append(' ').append(part);
      }
      throw new Violation(text.toString());
    }
  }
}
