package io.autorefresh.proof.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in a {@link FailureSimulation}, drawn from the seed: one episode after the other, of one group or of
 * all, with quiet periods between; and all the time, items that turn to poison and get well.
 */
final class Troubles {

  /** How a call that goes wrong ends. */
  enum Fate {
    THROWS,
    HANGS,
    HANGS_ON
  }

  /** What an episode is. */
  enum Kind {
    /** Each call throws. */
    OUTAGE,
    /** Each call hangs, and ignores its interruption. */
    HANGING,
    /** The first call of the group is told when to come back. */
    PAUSE,
    /** Three of ten outcomes are failures. */
    PARTIAL
  }

  /** One trouble of one group. */
  record Episode(Kind kind, int group, long from, long until) {}

  /** An item with which every call fails. */
  record Poison(int id, Fate fate, long from, long until) {}

  final List<Episode> episodes = new ArrayList<>();
  final List<Poison> poisons = new ArrayList<>();
  final SplittableRandom random;

  /**
   * Draws all troubles.
   *
   * @param any whether there are any
   */
  Troubles(long seed, boolean any) {
    random = new SplittableRandom(seed);
    if (!any) {
      return;
    }
    for (long period = 12; period < FailureSimulation.PERIODS - 30; ) {
      Kind kind = Kind.values()[random.nextInt(4)];
      int length = kind == Kind.PAUSE ? random.nextInt(1, 4) : random.nextInt(2, 16);
      int only = random.nextInt(2 * FailureSimulation.GROUPS);
      for (int group = 0; group < FailureSimulation.GROUPS; group++) {
        if (only >= FailureSimulation.GROUPS || only == group) {
          long from = moment(period);
          episodes.add(new Episode(kind, group, from, from + length * FailureSimulation.PERIOD));
        }
      }
      period += length + random.nextInt(15, 25);
    }
    for (long period = 5; period < FailureSimulation.PERIODS - 70; period += random.nextInt(10, 40)) {
      long from = moment(period);
      Fate fate = Fate.values()[random.nextInt(3)];
      long until = from + random.nextLong(10, 50) * FailureSimulation.PERIOD;
      poisons.add(new Poison(random.nextInt(FailureSimulation.ITEMS), fate, from, until));
    }
  }

  private long moment(long period) {
    return period * FailureSimulation.PERIOD + random.nextLong(FailureSimulation.PERIOD);
  }

  /** Returns the episode of a group at that time, or null. */
  @Nullable Episode of(int group, long now) {
    for (Episode episode : episodes) {
      if (episode.group == group && now >= episode.from && now < episode.until) {
        return episode;
      }
    }
    return null;
  }

  /** Whether calls of a group went wrong as a whole at some time between. */
  boolean wereAny(int group, long from, long until) {
    return episodes.stream().anyMatch(episode -> episode.group == group && episode.kind != Kind.PARTIAL
        && episode.from < until && episode.until > from);
  }
}
