package io.autorefresh.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The section of the contract on the log; rows O, Q and U of the faults. */
@Timeout(60)
class FailureLogTest {

  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshOnCreate(false).refreshBatch(remote).backoff(PERIOD, PERIOD);
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private void forward(AutoRefresh<String, Integer> cache, Duration way) throws Exception {
    for (Duration gone = Duration.ZERO; gone.compareTo(way) < 0; gone = gone.plus(PERIOD)) {
      ticker.jump(PERIOD);
      cache.sync();
    }
  }

  private String warning(String text) {
    return "WARNING: " + log.name() + ": " + text;
  }

  private List<String> lines(String part) {
    return log.entries().stream().filter(entry -> entry.contains(part)).toList();
  }

  @Test
  void Log_37000FailuresOfADatabaseThatIsAwayFor40Seconds_makeFewLines_andTheLastSaysThatItIsOver() throws Exception {
    int items = 9_250;
    AtomicInteger calls = new AtomicInteger();
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(50).build()) {
      create(cache, items);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all are refreshed", () -> cache.stats().updated() == items);
      remote.answers(batch -> {
        if (calls.incrementAndGet() % 3 == 0) {
          Map<String, Outcome<Integer>> outcomes = new HashMap<>();
          batch.keySet().forEach(id -> outcomes.put(id, Outcome.failed(new IOException("no connection for " + id))));
          return outcomes;
        }
        throw new IOException("no connection");
      });
      for (int second = 0; second < 40; second++) {
        ticker.advance(SECOND);
        Await.until("what is due is called", () -> cache.stats().backlog() == 0 && cache.stats().runningJobs() == 0);
      }
      assertThat(cache.stats().failed()).isGreaterThanOrEqualTo(37_000);
      remote.answers(Remote::increments);
      Await.until("all have recovered", () -> {
        ticker.advance(SECOND);
        return cache.stats().failing() == 0;
      });
      Await.until("that is told", () -> !lines("INFO").isEmpty());
      assertThat(log.entries()).hasSizeLessThanOrEqualTo(12);
      assertThat(lines("\tat ")).as("a stack").hasSize(1).first().asString()
          .contains(warning("the refresher failed for id-"), "java.io.IOException: no connection");
      assertThat(log.entries().getLast()).contains("INFO: " + log.name() + ": over after ", "the refresher")
          .contains("java.io.IOException", "9,250 items").containsPattern("after (39|40) s");
    }
  }

  @Test
  void Log_anOutageThatLasts_isToldAtGrowingIntervals_withTheNumberOfItems() throws Exception {
    remote.answers(batch -> {
      throw new IOException("no connection");
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 250);
      forward(cache, Duration.ofMinutes(75));
      assertThat(log.entries()).allMatch(entry -> entry.contains(warning("")));
      assertThat(lines("the remote is down")).hasSize(1);
      assertThat(lines("the remote was down")).as("that it lasts").hasSize(3);
      assertThat(lines("the refresher failed")).hasSize(4);
      assertThat(lines("the refresher failed with")).hasSize(3).allMatch(entry -> entry.contains("250 items"))
          .allMatch(entry -> entry.contains("the refresher failed with java.io.IOException"));
      for (String time : List.of("60 s", "11 min", "71 min")) {
        assertThat(lines("still after " + time + ": the refresher")).hasSize(1);
      }
    }
  }

  @Test
  void Log_failedOutcomes_areToldLikeThrownOnes() throws Exception {
    remote.answersAll(Outcome.failed(new IOException("of one item")));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 100);
      cache.sync();
      assertThat(log.entries()).singleElement().asString()
          .contains(warning("the refresher failed for id-"), "java.io.IOException: of one item", "\tat ");
    }
  }

  @Test
  void Log_nullOutcomes_areToldLikeThrownOnes() throws Exception {
    remote.answersAll(null);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 100);
      assertThat(cache.sync().failed()).isEqualTo(100);
      assertThat(log.entries()).singleElement().asString()
          .contains(warning("the refresher failed for id-"), "NullPointerException: the outcome is null");
    }
  }

  @Test
  void Log_eachCauseIsToldByItself() throws Exception {
    remote.answers(batch -> {
      if (batch.containsKey("id-0")) {
        throw new IOException("of the test");
      }
      throw new IllegalStateException("of the test");
    }).releases((id, item) -> {
      throw new IOException("of the deleter");
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).onDelete(remote).build()) {
      create(cache, 10);
      cache.deleteDelayed("id-9");
      cache.sync();
      assertThat(log.entries()).hasSize(3);
      assertThat(lines("the refresher failed for id-0: java.io.IOException")).hasSize(1);
      assertThat(lines("java.lang.IllegalStateException: of the test")).hasSize(1);
      assertThat(lines("the deleter failed for id-9: java.io.IOException: of the deleter")).hasSize(1);
    }
  }

  @Test
  void Log_aCauseIsOverToo_whenItsItemsAreGone() throws Exception {
    remote.answers(batch -> {
      throw new IOException("of the test");
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 2);
      cache.sync();
      cache.deleteDelayed("id-0");
      forward(cache, PERIOD);
      assertThat(lines("over after")).isEmpty();
      cache.deleteDelayed("id-1");
      forward(cache, PERIOD);
      Await.until("that is told", () -> !lines("over after").isEmpty());
      assertThat(lines("over after")).singleElement().asString().contains("up to 2 items");
    }
  }

  @Test
  void Log_retryAfter_isToldAtDebug() throws Exception {
    List<LogRecord> records = new CopyOnWriteArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord entry) {
        records.add(entry);
      }

      @Override
      public void flush() {
        // Nothing is kept back.
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
    Logger logger = Logger.getLogger("io.autorefresh." + log.name());
    logger.addHandler(handler);
    logger.setLevel(Level.FINE);
    remote.answersAll(Outcome.failed(new IOException(new RetryAfterException(SECOND))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      cache.sync();
      remote.answers(Remote::increments);
      forward(cache, PERIOD);
      assertThat(records).extracting(LogRecord::getLevel).as("that it began, and that it is over")
          .containsExactly(Level.FINE, Level.FINE);
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
  }

  /** Row O of the faults: the interrupted call fails, too, but that is no news. */
  @Test
  void Log_aTimeOut_isToldOnce_withTheStackOfTheHangingThread() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(batch -> {
      hang(gate);
      return Remote.increments(batch);
    });
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).refreshTimeout(SECOND).build()) {
      create(cache, 10);
      cache.start();
      gate.awaitArrived(1);
      ticker.jump(SECOND);
      // The job may end before its owner has failed the items.
      Await.until("it has ended, and its items have failed", () -> cache.stats().timedOutCalls() == 1
          && cache.stats().failed() > 0 && cache.stats().runningJobs() == 0);
      assertThat(cache.stats()).returns(10L, Stats::failed).returns(0L, Stats::abandonedJobs);
      assertThat(log.entries()).singleElement().asString()
          .contains(warning("the refresher failed for " + log.name() + "/"), "TimeoutException", "FailureLogTest.hang");
    }
  }

  private static void hang(Gate gate) throws Exception {
    gate.pass();
  }

  /** Row Q of the faults. */
  @Test
  void Log_lineBreaksInIdsAndMessages_areEscaped() throws Exception {
    String forged = "\r\nINFO: jobs: all is well\u2028";
    Exception thrown = new IOException("first" + forged, new IllegalStateException("second" + forged));
    thrown.addSuppressed(new IllegalArgumentException("third" + forged));
    remote.answers(batch -> {
      throw thrown;
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("id" + forged, 0);
      cache.sync();
      assertThat(log.entries()).singleElement().asString()
          .contains("failed for id\\u000d\\u000aINFO", "first\\u000d\\u000aINFO", "second\\u000d", "third\\u000d", "\tat ");
      assertThat(log.entries().getFirst().lines()).noneMatch(line -> line.startsWith("INFO"))
          .noneMatch(line -> line.contains("\u2028"));
    }
  }

  @Test
  void Log_anExceptionWithoutLineBreaks_isHandedToTheLoggerItself() throws Exception {
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Logger.getLogger("io.autorefresh." + log.name()).setFilter(entry -> {
      thrown.add(entry.getThrown());
      return false;
    });
    Exception failure = new IOException("first", new IllegalStateException("second"));
    remote.answersAll(Outcome.failed(failure));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 1);
      cache.sync();
      assertThat(thrown).containsExactly(failure);
    } finally {
      Logger.getLogger("io.autorefresh." + log.name()).setFilter(null);
    }
  }

  @Test
  void Log_idsAndMessages_areCut() throws Exception {
    remote.answersAll(Outcome.failed(new IllegalStateException("m".repeat(2_000)) {
      private static final long serialVersionUID = 1L;

      @Override
      public synchronized Throwable fillInStackTrace() {
        return this;
      }
    }));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("i".repeat(2_000), 0);
      cache.sync();
      String line = log.entries().getFirst().lines().filter(text -> text.contains("WARNING")).findFirst().orElseThrow();
      assertThat(line).contains("i".repeat(199) + "…", "m".repeat(100)).doesNotContain("i".repeat(200), "m".repeat(200));
    }
  }

  /** Row U of the faults. */
  @Test
  void Log_anIdThatAnswersNeverMention_isToldInOneLine() throws Exception {
    remote.answers(batch -> {
      Map<String, Outcome<Integer>> outcomes = Remote.increments(batch);
      outcomes.remove("id-3");
      return outcomes;
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      cache.sync();
      cache.sync();
      assertThat(log.entries()).as("it may be by chance").isEmpty();
      for (int cycle = 3; cycle < 10; cycle++) {
        cache.sync();
      }
      assertThat(log.entries()).singleElement().asString()
          .contains(warning("3 answers in a row did not mention id-3"));
      remote.answers(Remote::increments);
      cache.sync();
      forward(cache, Duration.ofSeconds(65));
      Await.until("the line of its end is logged", () -> log.entries().size() > 1);
      assertThat(log.entries()).hasSize(2).last().asString().contains("INFO: " + log.name() + ": over after ");
    }
  }
}
