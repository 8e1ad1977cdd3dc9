package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Tally;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The log's memory is bounded, whatever fails. */
class ManyCausesTest {

  private static final int CAUSES = 300;
  private static final int TOLD_APART = 100;

  private final ManualTicker ticker = new ManualTicker();
  private final FailureLog log = new FailureLog("jobs", ticker, new Counters());
  @AutoClose
  private final LogCapture capture = LogCapture.open();

  /** An item fails by each of many causes. */
  private List<Tally> fail(String kind) {
    List<Tally> tallies = new ArrayList<>();
    for (int i = 0; i < CAUSES; i++) {
      tallies.add(log.failed(kind + i, "id-" + i, new IOException("of the test"), Level.WARNING));
      tallies.getLast().add(1);
    }
    return tallies;
  }

  @Test
  void Log_causesBeyondTheBound_areToldAsOne() {
    List<Tally> tallies = fail("cause-");
    assertThat(tallies.stream().distinct()).hasSize(TOLD_APART + 1);
    assertThat(capture.entries()).hasSize(TOLD_APART + 1);
    fail("cause-");
    assertThat(capture.entries()).as("no news").hasSize(TOLD_APART + 1);
    tallies.forEach(tally -> tally.add(-2));
    log.look();
    assertThat(capture.entries()).filteredOn(entry -> entry.contains("INFO")).hasSize(TOLD_APART + 1)
        .filteredOn(entry -> entry.contains("failures of other kinds")).singleElement().asString()
        .contains("up to " + 2 * (CAUSES - TOLD_APART) + " items");
  }

  @Test
  void Log_causesThatAreLongOver_makeRoom() {
    fail("old-").forEach(tally -> tally.add(-1));
    log.look();
    ticker.jump(Duration.ofHours(1));
    capture.entries().clear();
    fail("new-");
    assertThat(capture.entries()).filteredOn(entry -> entry.contains("failed for id-")).hasSize(TOLD_APART + 1);
  }
}
