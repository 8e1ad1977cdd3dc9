package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** R1, R8 and S2: things that have their due times themselves. */
class CalendarTest {

  /** The times wrap around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 5_000_000;
  private static final long NEVER = Schedule.NEVER;

  private final Calendar<Thing> calendar = new Calendar<>(Thing[]::new);
  private long now = ORIGIN;

  private Thing file(String name, long time) {
    Thing thing = new Thing(name).ownTime(ORIGIN + time);
    calendar.file(thing, now);
    return thing;
  }

  /** Lets time pass until that moment; returns the names of what becomes due, each taken at its time. */
  private List<String> runUntil(long moment) {
    List<String> names = new ArrayList<>();
    for (long next; (next = calendar.nextTime(now)) != NEVER && next - ORIGIN <= moment; ) {
      assertThat(next - now).as("time passes").isPositive();
      now = next;
      for (Thing thing; (thing = calendar.poll(now, 0)) != null; ) {
        assertThat(thing.ownTime).as("neither early nor late").isEqualTo(now);
        names.add(thing.name);
      }
    }
    now = ORIGIN + moment;
    return names;
  }

  @Test
  void R1_anEmptyCalendar_hasNothing() {
    assertThat(calendar.isEmpty()).isTrue();
    assertThat(calendar.poll(now, 1_000_000)).isNull();
    assertThat(calendar.nextTime(now)).isEqualTo(NEVER);
    assertThat(calendar.dueTime(now)).isEqualTo(NEVER);
  }

  @Test
  void R1_aThing_isDueAtItsVeryTime() {
    file("a", 1_000_003);
    assertThat(calendar.nextTime(now)).as("of few things").isEqualTo(ORIGIN + 1_000_003);
    now = ORIGIN + 1_000_002;
    assertThat(calendar.dueTime(now)).isEqualTo(NEVER);
    assertThat(calendar.poll(now, 0)).isNull();
    now++;
    assertThat(calendar.dueTime(now)).isEqualTo(now);
    assertThat(calendar.poll(now, 0)).isNotNull();
    assertThat(calendar.isEmpty()).isTrue();
  }

  @Test
  void R1_manyThings_comeAtTheirTimes() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      file("n" + i, 1 + random.nextInt(1_000_000) * (random.nextInt(4) == 0 ? 9L : 1));
    }
    assertThat(runUntil(10_000_000)).doesNotHaveDuplicates().hasSize(20_000);
  }

  @Test
  void R1_whereTimeHasPassed_thingsComeAboutInTheOrderOfTheirTimes() {
    Random random = new Random(2);
    for (int i = 0; i < 10_000; i++) {
      file("n", 1 + random.nextInt(1_000_000));
    }
    now = ORIGIN + 2_000_000;
    long last = ORIGIN;
    for (Thing thing; (thing = calendar.poll(now, 0)) != null; ) {
      assertThat(thing.ownTime - last).isGreaterThan(-1_000_000 / 64);
      last = thing.ownTime;
    }
    assertThat(calendar.isEmpty()).isTrue();
  }

  @Test
  void S2_aTimeThatWasPutOff_movesTheThing() {
    Thing thing = file("a", 1_000);
    thing.ownTime(ORIGIN + 1_000_000);
    assertThat(runUntil(999_999)).isEmpty();
    assertThat(runUntil(1_000_000)).containsExactly("a");
  }

  @Test
  void S2_aTimeThatWasPutOff_holdsUpNothingThatIsDueBefore() {
    Thing thing = file("a", 1_000);
    file("b", 2_000);
    thing.ownTime(ORIGIN + 1_000_000);
    assertThat(runUntil(2_000)).containsExactly("b");
    assertThat(runUntil(1_000_000)).containsExactly("a");
  }

  @Test
  void R1_thingsOfBucketsThatOverlap_comeAtTheirTimes() {
    file("a", 1_008_000);
    now = ORIGIN + 900_000;
    file("b", 1_004_000);
    assertThat(runUntil(1_010_000)).containsExactly("b", "a");
  }

  @Test
  void S2_aTimeThatComesSooner_isFiledAgain_andCountsOnce() {
    Thing thing = file("a", 1_000_000);
    calendar.file(thing.ownTime(ORIGIN + 1_000), now);
    calendar.file(thing, now);
    assertThat(runUntil(1_000)).containsExactly("a");
    calendar.file(thing.ownTime(ORIGIN + 2_000_000), now);
    assertThat(runUntil(3_000_000)).as("not at its first time").containsExactly("a");
  }

  @Test
  void S2_aThingThatDoesNotWaitWhenItsTimeComes_isInNoPlace() {
    Thing flying = file("a", 1_000);
    flying.inFlight = true;
    assertThat(runUntil(1_000)).isEmpty();
    assertThat(flying.place()).as("so that the next due time is filed").isNull();
  }

  /** A writer has a thing filed that it finds in no place: so a thing must not be dropped from one that it is in. */
  @Test
  void S2_aDueTimeThatIsSetWhileTheThingIsLookedAt_isNotLost() {
    Thing thing = file("a", 1_000);
    thing.inFlight = true;
    AtomicBoolean files = new AtomicBoolean();
    thing.afterLook = () -> {
      thing.ownTime(ORIGIN + 2_000).inFlight = false;
      files.set(thing.place() == null);
    };
    now = ORIGIN + 1_000;
    assertThat(calendar.poll(now, 0)).isNull();
    if (files.get()) {
      calendar.file(thing, now);
    }
    assertThat(runUntil(2_000)).containsExactly("a");
  }

  @Test
  void S6_thingsThatAreDueSoon_mayBeTakenBefore() {
    Thing late = file("late", 2_000);
    Thing soon = file("soon", 1_000);
    Thing put = file("put off", 1_000);
    put.ownTime(ORIGIN + 1_000_000);
    assertThat(calendar.poll(now, 1_500)).isSameAs(soon);
    assertThat(calendar.poll(now, 1_500)).isNull();
    assertThat(calendar.poll(now, 2_000)).isSameAs(late);
    assertThat(runUntil(1_000_000)).containsExactly("put off");
  }

  @Test
  void R8_thingsThatAreGone_areNotKeptUntilTheirTimes() {
    List<WeakReference<Thing>> gone = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Thing thing = file("n", 1_000_000 + i);
      thing.live = false;
      gone.add(new WeakReference<>(thing));
    }
    System.gc();
    assertThat(gone.stream().filter(each -> each.get() != null).count()).isLessThan(100);
  }

  @Test
  void R8_fewThingsThatAreGone_leaveTheCalendarEmpty() {
    file("a", 1_000_000).live = false;
    Thing moved = file("b", 1_000_000);
    moved.setPlace("elsewhere");
    assertThat(calendar.isEmpty()).isTrue();
  }

  /** Otherwise each thing that is filed would look at all others. */
  @Test
  void R8_thingsAreLookedAt_onlyWhenTheirNumberHasDoubled() {
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 1_024; i++) {
      things.add(file("n" + i, 1 + i));
    }
    assertThat(things.stream().mapToInt(thing -> thing.looksAtTime).sum()).isLessThan(2_048);
  }
}
