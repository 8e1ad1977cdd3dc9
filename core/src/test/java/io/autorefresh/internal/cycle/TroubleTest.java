package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.cycle.Trouble.News;
import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The log's arithmetic: when there is something to say of a cause. */
class TroubleTest {

  private static final long SECOND = 1_000_000_000;
  private static final long MINUTE = 60 * SECOND;

  private final Tally tally = new Tally();
  private final Trouble trouble = new Trouble("it failed", "item", Level.WARNING, tally);
  /** The readings of a ticker may wrap around. */
  private final long origin = Long.MAX_VALUE - MINUTE;

  private News occurs(long at) {
    return trouble.occurred(origin + at);
  }

  private News look(long at) {
    return trouble.look(origin + at);
  }

  /** An item fails and recovers. */
  private List<News> flap(long at) {
    List<News> news = new ArrayList<>(List.of(occurs(at)));
    tally.add(1);
    news.add(look(at + SECOND));
    tally.add(-1);
    news.add(look(at + 2 * SECOND));
    return news;
  }

  @Test
  void Log_whatLasts_isToldAfter1_10_and60Minutes_andEvery60MinutesFromThenOn() {
    List<Long> minutes = new ArrayList<>();
    assertThat(occurs(0)).isEqualTo(News.FIRST);
    tally.add(3);
    for (long minute = 0; minute <= 240; minute++) {
      News occurring = occurs(minute * MINUTE + 1);
      News looking = look(minute * MINUTE + 2);
      if (occurring == News.STILL || looking == News.STILL) {
        minutes.add(minute);
      }
    }
    assertThat(minutes).containsExactly(1L, 11L, 71L, 131L, 191L);
    assertThat(trouble.stillText(origin + 191 * MINUTE)).isEqualTo("still after 3 h: it failed, now 3 items");
  }

  @Test
  void Log_whatLasts_isToldAlsoWhenItDoesNotOccurAgain() {
    assertThat(occurs(0)).isEqualTo(News.FIRST);
    tally.add(1);
    assertThat(look(MINUTE - 1)).isEqualTo(News.NONE);
    assertThat(look(MINUTE)).isEqualTo(News.STILL);
    assertThat(trouble.stillText(origin + MINUTE)).isEqualTo("still after 60 s: it failed, now 1 item");
  }

  @Test
  void Log_aCauseIsOver_whenNoItemFailsByItAnyMore() {
    assertThat(occurs(0)).isEqualTo(News.FIRST);
    tally.add(37);
    assertThat(occurs(SECOND)).isEqualTo(News.NONE);
    tally.add(-36);
    assertThat(look(39 * SECOND)).isEqualTo(News.NONE);
    tally.add(-1);
    assertThat(look(40 * SECOND)).isEqualTo(News.OVER);
    assertThat(trouble.overText()).isEqualTo("over after 40 s: it failed, up to 37 items");
    assertThat(look(50 * SECOND)).isEqualTo(News.NONE);
  }

  @Test
  void Log_aCauseThatComesBack_mustStayAwayForLongerAndLonger() {
    assertThat(flap(0)).containsExactly(News.FIRST, News.NONE, News.OVER);
    assertThat(flap(10 * SECOND)).containsExactly(News.AGAIN, News.NONE, News.NONE);
    assertThat(look(12 * SECOND + MINUTE - 1)).isEqualTo(News.NONE);
    assertThat(look(12 * SECOND + MINUTE)).isEqualTo(News.OVER);
    assertThat(trouble.overText()).as("it is told late, but not as longer").startsWith("over after 2 s");
    assertThat(flap(2 * MINUTE)).containsExactly(News.AGAIN, News.NONE, News.NONE);
    assertThat(look(12 * MINUTE)).isEqualTo(News.NONE);
    assertThat(look(12 * MINUTE + 2 * SECOND)).isEqualTo(News.OVER);
  }

  @Test
  void Log_anItemThatFailsNowAndThenForADay_makesFewLines() {
    int lines = 0;
    for (long second = 0; second < 24 * 3_600; second += 20) {
      for (News news : flap(second * SECOND)) {
        lines += news == News.NONE ? 0 : 1;
      }
    }
    assertThat(lines).isLessThan(35);
  }

  @Test
  void Log_aCauseThatWasAwayForAnHour_isNew() {
    flap(0);
    assertThat(trouble.isForgotten(origin + 2 * SECOND + 60 * MINUTE - 1)).isFalse();
    assertThat(trouble.isForgotten(origin + 2 * SECOND + 60 * MINUTE)).isTrue();
    assertThat(flap(2 * SECOND + 60 * MINUTE)).containsExactly(News.FIRST, News.NONE, News.OVER);
  }

  @Test
  void Log_aCauseByWhichNoItemFails_isOverAfterAMinuteWithoutIt() {
    assertThat(occurs(0)).isEqualTo(News.FIRST);
    assertThat(look(1)).isEqualTo(News.NONE);
    assertThat(occurs(40 * SECOND)).isEqualTo(News.NONE);
    assertThat(look(40 * SECOND + MINUTE - 1)).isEqualTo(News.NONE);
    assertThat(look(40 * SECOND + MINUTE)).isEqualTo(News.OVER);
    assertThat(trouble.overText()).isEqualTo("over after 40 s: it failed, 2 times");
  }
}
