package io.autorefresh.benchmarks;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * The ids of all benchmarks, and the order in which they are asked for: made before the measurement, from fixed seeds,
 * so that every peer in every fork gets the same.
 *
 * <p>An id is a string of sixteen hexadecimal digits, a bijective scrambling of its number: ids of one {@code salt} are
 * distinct, ids of two salts are too, and neighbours have nothing in common. Popularity follows Zipf's law with
 * exponent .99, as in YCSB, and is independent of the order of creation.
 */
final class Ids {

  /** How many draws are made beforehand; a power of two, so that a reader cycles through them with a mask. */
  static final int DRAWS = 1 << 20;

  private static final double EXPONENT = .99;

  /** Each round draws other ids often, so that no peer profits from their places in all rounds. */
  private static final int ROUND = Integer.getInteger(Measurement.ROUND, 0);

  private Ids() {}

  static String[] of(int count, int salt) {
    HexFormat hex = HexFormat.of();
    String[] ids = new String[count];
    for (int i = 0; i < count; i++) {
      ids[i] = hex.toHexDigits(scramble(((long) salt << 32) | i));
    }
    return ids;
  }

  /** Returns draws of which {@code percent} of a hundred are of the present ids and the others of the absent ones. */
  static String[] draws(String[] present, String[] absent, int percent) {
    SplittableRandom random = new SplittableRandom(ROUND);
    String[] hot = shuffled(present, random);
    String[] cold = shuffled(absent, random);
    double[] ofPresent = cumulative(hot.length);
    double[] ofAbsent = cold.length == hot.length ? ofPresent : cumulative(cold.length);
    String[] draws = new String[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      boolean hit = random.nextInt(100) < percent;
      draws[i] = hit ? hot[rank(ofPresent, random)] : cold[rank(ofAbsent, random)];
    }
    return draws;
  }

  /** Returns one number from 0 to {@code cumulative.length - 1}, by the law that the table sums up. */
  static int rank(double[] cumulative, SplittableRandom random) {
    double point = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, point);
    return Math.min(found < 0 ? -found - 1 : found + 1, cumulative.length - 1);
  }

  static double[] cumulative(int count) {
    double[] sums = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += 1 / Math.pow(i + 1, EXPONENT);
      sums[i] = sum;
    }
    return sums;
  }

  private static String[] shuffled(String[] ids, SplittableRandom random) {
    String[] copy = ids.clone();
    for (int i = copy.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      String swapped = copy[i];
      copy[i] = copy[j];
      copy[j] = swapped;
    }
    return copy;
  }

  /** The finalizer of MurmurHash3 in its variant 13 (Stafford), a bijection of the longs. */
  private static long scramble(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
