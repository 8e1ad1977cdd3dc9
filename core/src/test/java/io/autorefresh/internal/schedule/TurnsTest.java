package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Turns.Sort.APART;
import static io.autorefresh.internal.schedule.Turns.Sort.DELETION;
import static io.autorefresh.internal.schedule.Turns.Sort.GRANTED;
import static io.autorefresh.internal.schedule.Turns.Sort.NEW;
import static io.autorefresh.internal.schedule.Turns.Sort.WALK;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Turns.Sort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose turn it is where several sorts of things may begin at once. */
class TurnsTest {

  private final Turns turns = new Turns();

  private @Nullable Sort next(boolean early, Sort... waiting) {
    List<Sort> sorts = Arrays.asList(waiting);
    return turns.next(
        sorts.contains(NEW), sorts.contains(GRANTED), sorts.contains(DELETION), sorts.contains(APART),
        sorts.contains(WALK), early, false);
  }

  private List<Sort> take(int count, boolean early, Sort... waiting) {
    List<Sort> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(next(early, waiting));
    }
    return taken;
  }

  @Test
  void R1_whereNothingMayBegin_itIsNobodysTurn() {
    assertThat(next(true)).isNull();
    assertThat(next(false)).isNull();
  }

  @Test
  void R1_whatWaitsAlone_hasEveryTurn() {
    for (Sort sort : Sort.values()) {
      assertThat(take(9, true, sort)).as("early").containsOnly(sort);
      assertThat(take(9, false, sort)).as("late").containsOnly(sort);
    }
  }

  @Test
  void C4_newThings_haveThreeOfFourTurns_besideEachOther() {
    for (Sort other : EnumSet.of(DELETION, APART, WALK)) {
      Turns fresh = new Turns();
      List<Sort> taken = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        taken.add(fresh.next(true, false, other == DELETION, other == APART, other == WALK, false, false));
      }
      assertThat(taken).containsExactly(NEW, NEW, NEW, other, NEW, NEW, NEW, other);
    }
  }

  @Test
  void C4_whereNewThingsHadMany_theFirstOtherThatComesIsNext() {
    take(9, false, NEW);
    assertThat(take(5, false, NEW, WALK)).containsExactly(WALK, NEW, NEW, NEW, WALK);
  }

  @Test
  void C4_afterAnother_newThingsHaveThreeTurnsAgain() {
    take(2, false, NEW, WALK);
    take(1, false, WALK);
    assertThat(take(4, false, NEW, WALK)).containsExactly(NEW, NEW, NEW, WALK);
  }

  @Test
  void C4_newThingsAndGrantedOnes_takeTurns_andHaveThreeOfFourTogether() {
    assertThat(take(8, false, NEW, GRANTED, WALK)).containsExactly(
        NEW, GRANTED, NEW, WALK, GRANTED, NEW, GRANTED, WALK);
  }

  @Test
  void D3_early_deletionsGoFirst() {
    assertThat(take(9, true, DELETION, APART, WALK)).containsOnly(DELETION);
  }

  @Test
  void D3_onDemand_deletionsGoBeforeNewThings_too() {
    for (int i = 0; i < 9; i++) {
      assertThat(turns.next(true, false, true, true, true, true, true)).isEqualTo(DELETION);
    }
    assertThat(turns.next(true, false, false, true, true, true, true)).isEqualTo(NEW);
  }

  @Test
  void D3_aTurnOfWhichNothingCame_doesNotCount() {
    assertThat(next(false, DELETION, WALK)).isEqualTo(DELETION);
    assertThat(next(false, DELETION, WALK)).isEqualTo(WALK);
    turns.undo();
    assertThat(next(false, DELETION, WALK)).isEqualTo(WALK);
    assertThat(next(false, DELETION, WALK)).isEqualTo(DELETION);
  }

  @Test
  void D3_afterACycleThatWasBehind_theFirstTurnIsARefreshs() {
    turns.owesRefresh();
    assertThat(take(3, false, DELETION, WALK)).containsExactly(WALK, DELETION, WALK);
  }

  @Test
  void D3_later_deletionsAndRefreshesTakeTurns() {
    assertThat(take(6, false, DELETION, WALK)).containsExactly(DELETION, WALK, DELETION, WALK, DELETION, WALK);
    assertThat(take(6, false, DELETION, APART)).containsExactly(DELETION, APART, DELETION, APART, DELETION, APART);
  }

  @Test
  void D3_afterDeletionsThatWentFirst_aRefreshIsNext() {
    take(9, true, DELETION, WALK);
    assertThat(take(3, false, DELETION, WALK)).containsExactly(WALK, DELETION, WALK);
  }

  @Test
  void D3_newThings_changeNothingAboutTheTurnsOfDeletions() {
    assertThat(take(12, false, NEW, DELETION, WALK)).containsExactly(
        NEW, NEW, NEW, DELETION, NEW, NEW, NEW, WALK, NEW, NEW, NEW, DELETION);
  }

  @Test
  void R1_thingsApartAndTheWalk_takeTurns() {
    assertThat(take(5, false, APART, WALK)).containsExactly(APART, WALK, APART, WALK, APART);
    take(1, false, WALK);
    assertThat(take(2, false, APART, WALK)).containsExactly(APART, WALK);
  }

  /** In any order of coming, nothing waits for more than a round of turns. */
  @Test
  void R1_nothingStarves() {
    List<Sort> all = new ArrayList<>(List.of(Sort.values()));
    Map<Sort, Integer> waits = new HashMap<>();
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 100_000; i++) {
      Collections.shuffle(all, random);
      Sort always = Sort.values()[i / 25_000];
      List<Sort> waiting = new ArrayList<>(all.subList(0, random.nextInt(5)));
      waiting.add(always);
      Sort taken = next(false, waiting.toArray(Sort[]::new));
      assertThat(waiting).contains(taken);
      waits.merge(always, taken == always ? -waits.getOrDefault(always, 0) : 1, Integer::sum);
      assertThat(waits.get(always)).as("turns of others before %s", always).isLessThanOrEqualTo(16);
    }
  }
}
