package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.proof.simulation.FailureSimulation.Running;
import io.autorefresh.proof.simulation.Troubles.Episode;
import io.autorefresh.proof.simulation.Troubles.Fate;
import io.autorefresh.proof.simulation.Troubles.Kind;
import io.autorefresh.proof.simulation.Troubles.Poison;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures what failures cost in a {@link FailureSimulation}: how old items become, how many calls and threads. */
final class FailureFigures {

  /** An item as the remote and its users see it. */
  static final class Subject {

    final int id;
    long confirmedAt;
    /** Until then it need not be fresh, for a reason of its own or of its group. */
    long excusedUntil;
    /** Whether it was in a call that failed because of a poison, and not in one that succeeded since. */
    boolean isNeighbour;
    @Nullable Poison poison;

    Subject(int id) {
      this.id = id;
    }

    int group() {
      return id % FailureSimulation.GROUPS;
    }

    void turn(Poison poison) {
      if (this.poison == null) {
        this.poison = poison;
      }
    }

    boolean isPoison(long now) {
      return poison != null && now < poison.until();
    }

    long age(long now) {
      return now - Math.max(confirmedAt, excusedUntil);
    }
  }

  /** An outage of one group that is over, until all its items are fresh. */
  private static final class Recovery {

    final Episode episode;
    long succeededAt = -1;

    Recovery(Episode episode) {
      this.episode = episode;
    }
  }

  private final Subject[] subjects;
  private final Troubles troubles;
  private final List<Episode> toCome;
  private final List<Recovery> recoveries = new ArrayList<>();
  private final List<Running> deaf = new ArrayList<>();
  private final Map<Kind, Integer> callsByKind = new EnumMap<>(Kind.class);
  /** The calls, except retries of one poison alone. */
  long calls;
  /** The retries of one poison alone, by its back-off. */
  long retriesAlone;
  long oldestNeighbour;
  long oldestOther;
  /** The longest time from the end of a poison, or of a hanging outage, to the first call that succeeded. */
  long longestProbe;
  long longestRecovery;
  long longestRecoveryAfterProbe;
  int mostAbandoned;
  int mostAbandonedOfGroup;
  int mostAbandonedOfPoison;

  FailureFigures(Subject[] subjects, Troubles troubles) {
    this.subjects = subjects;
    this.troubles = troubles;
    this.toCome = new ArrayList<>(troubles.episodes);
  }

  int calls(Kind kind) {
    return callsByKind.getOrDefault(kind, 0);
  }

  void begins(Running call, long now) {
    if (call.items.size() == 1 && call.poison != null) {
      retriesAlone++;
    } else {
      calls++;
      Episode episode = troubles.of(call.items.getFirst().group(), now);
      if (episode != null) {
        callsByKind.merge(episode.kind(), 1, Integer::sum);
      }
    }
    if (call.fate == Fate.HANGS_ON) {
      deaf.add(call);
    }
  }

  /**
   * A call has ended.
   *
   * @param counts whether its time was not over
   * @param dueAt when the items are due that failed by themselves
   */
  void ends(Running call, boolean counts, Map<Integer, Long> dueAt, long now) {
    deaf.remove(call);
    if (call.fate != null || call.throttled) {
      marksNeighbours(call);
      return;
    }
    for (Subject item : call.items) {
      Long due = dueAt.get(item.id);
      if (counts && due != null) {
        item.excusedUntil = Math.max(item.excusedUntil, due);
      } else if (counts) {
        item.confirmedAt = now;
      }
      item.isNeighbour &= !counts;
      recovers(item, now);
    }
    for (Recovery recovery : recoveries) {
      boolean isOf = recovery.episode.group() == call.items.getFirst().group();
      if (isOf && recovery.succeededAt < 0 && call.began >= recovery.episode.until()) {
        recovery.succeededAt = now;
        longestProbe = Math.max(longestProbe, now - recovery.episode.until());
      }
    }
  }

  private void recovers(Subject item, long now) {
    Poison poison = item.poison;
    if (poison != null && !item.isPoison(now)) {
      if (!troubles.wereAny(item.group(), poison.until() - FailureSimulation.PERIOD, now)) {
        longestProbe = Math.max(longestProbe, now - poison.until());
      }
      item.poison = null;
    }
  }

  /** Looks at all, each second. */
  void look(long now) {
    deaf.stream().filter(call -> !call.job.isAwaited()).forEach(this::marksNeighbours);
    toCome.removeIf(episode -> {
      boolean over = now >= episode.until();
      if (over && (episode.kind() == Kind.OUTAGE || episode.kind() == Kind.HANGING)) {
        recoveries.add(new Recovery(episode));
      }
      return over;
    });
    recoveries.removeIf(recovery -> isOver(recovery, now));
    for (Subject item : subjects) {
      look(item, now);
    }
    countAbandoned();
  }

  private void marksNeighbours(Running call) {
    if (call.poison != null) {
      call.items.forEach(item -> item.isNeighbour |= item.confirmedAt <= call.began);
    }
  }

  private void look(Subject item, long now) {
    Episode episode = troubles.of(item.group(), now);
    boolean recovers = recoveries.stream().anyMatch(recovery -> recovery.episode.group() == item.group());
    if (item.poison != null || recovers || episode != null && episode.kind() != Kind.PARTIAL) {
      item.excusedUntil = now;
    } else if (item.isNeighbour) {
      oldestNeighbour = Math.max(oldestNeighbour, item.age(now));
    } else {
      oldestOther = Math.max(oldestOther, item.age(now));
    }
  }

  /** Whether all is fresh after an outage, except poison and its neighbours. */
  private boolean isOver(Recovery recovery, long now) {
    Episode episode = recovery.episode;
    for (Subject item : subjects) {
      boolean excused = item.poison != null || item.isNeighbour;
      if (item.group() == episode.group() && !excused && item.confirmedAt < episode.until()) {
        return false;
      }
    }
    if (episode.kind() == Kind.OUTAGE) {
      longestRecovery = Math.max(longestRecovery, now - episode.until());
    } else {
      longestRecoveryAfterProbe = Math.max(longestRecoveryAfterProbe, now - recovery.succeededAt);
    }
    return true;
  }

  private void countAbandoned() {
    int all = 0;
    int[] ofGroup = new int[FailureSimulation.GROUPS];
    Map<Subject, Integer> ofPoison = new HashMap<>();
    for (Running call : deaf) {
      if (call.job.isAbandoned()) {
        all++;
        int group = call.items.getFirst().group();
        Episode episode = troubles.of(group, call.began);
        if (episode != null && episode.kind() == Kind.HANGING) {
          mostAbandonedOfGroup = Math.max(mostAbandonedOfGroup, ++ofGroup[group]);
        } else if (call.poison != null) {
          mostAbandonedOfPoison = Math.max(mostAbandonedOfPoison, ofPoison.merge(call.poison, 1, Integer::sum));
        }
      }
    }
    mostAbandoned = Math.max(mostAbandoned, all);
  }

  @Override
  public String toString() {
    String text = "%d calls, %s; %d of poison alone; oldest neighbour %d s, other %d s; probe %d s; recovery %d s,"
        + " after a probe %d s; abandoned %d, of a group %d, of a poison %d; %d poisons, %d episodes";
    return text.formatted(calls, callsByKind, retriesAlone, oldestNeighbour / SECOND, oldestOther / SECOND,
        longestProbe / SECOND, longestRecovery / SECOND, longestRecoveryAfterProbe / SECOND, mostAbandoned,
        mostAbandonedOfGroup, mostAbandonedOfPoison, troubles.poisons.size(), troubles.episodes.size());
  }
}
