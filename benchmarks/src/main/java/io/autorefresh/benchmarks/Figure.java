package io.autorefresh.benchmarks;

import java.util.Locale;

/**
 * One measured figure.
 *
 * @param peer whose it is
 * @param situation the parameters under which it was measured
 * @param score the figure
 * @param error half the width of its confidence interval of 99.9 %, or NaN after too few measurements
 */
record Figure(String peer, String situation, double score, double error) {

  /** Returns this figure by another one, which is not zero; the errors are taken for independent. */
  Figure over(Figure other) {
    double ratio = score / other.score;
    return new Figure(peer, situation, ratio, Math.abs(ratio) * Math.hypot(error / score, other.error / other.score));
  }

  /** The figure with three digits, and its error if it has one. */
  @Override
  public String toString() {
    double shown = Double.isNaN(error) ? Math.abs(score) : Math.max(Math.abs(score), error);
    int decimals = shown >= 100 ? 0 : shown >= 10 ? 1 : shown >= 1 ? 2 : 3;
    String format = "%,." + decimals + "f";
    String text = String.format(Locale.ROOT, format, score);
    return Double.isNaN(error) || error == 0 ? text : text + " ± " + String.format(Locale.ROOT, format, error);
  }
}
