package io.autorefresh.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/**
 * One measured figure: the median of the measurements. A machine that is slow for a while would spoil a mean.
 *
 * @param peer whose it is
 * @param situation the parameters under which it was measured
 * @param score the figure
 * @param error the distance to the farther end of its confidence interval of 99 %, or NaN after one measurement
 */
record Figure(String peer, String situation, double score, double error) {

  private static final double DOUBT = .01;

  /**
   * Returns the median of at least one measurement. The confidence interval is that of the sign test, from one of the
   * measurements to another, whatever their distribution; it spans all of them where they are fewer than eight, which
   * is less than 99 %.
   */
  static Figure median(String peer, String situation, double... measurements) {
    double[] sorted = measurements.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    double median = (sorted[last / 2] + sorted[last - last / 2]) / 2;
    int outside = outside(sorted.length);
    double error = Math.max(median - sorted[outside], sorted[last - outside] - median);
    return new Figure(peer, situation, median, last == 0 ? Double.NaN : error);
  }

  /** How many of the measurements lie on either side of the interval: as many as so many tosses rarely bring heads. */
  private static int outside(int count) {
    double allowed = DOUBT / 2 * Math.pow(2, count);
    int outside = 0;
    double ways = count;
    double tail = 1 + ways;
    while (tail <= allowed) {
      outside++;
      ways *= (double) (count - outside) / (outside + 1);
      tail += ways;
    }
    return outside;
  }

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
