package io.autorefresh.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Flight Recorder gets. The consumer src/it/modular shows that nothing is lost where there is none. */
@Timeout(60)
class FlightTest {

  private static final List<String> NAMES =
      Stream.of("Cycle", "Call", "Abandoned", "Overrun", "Creation", "Removal", "GroupDown", "GroupUp")
          .map(name -> "io.autorefresh." + name)
          .toList();

  @AutoClose
  private final Recording recording = new Recording();
  @TempDir
  private Path folder;

  /** An id of the user's, whose text cannot be had. */
  private record Unprintable(String id) {
    @Override
    public String toString() {
      throw new IllegalStateException(id);
    }
  }

  @BeforeEach
  void record() {
    NAMES.forEach(name -> recording.enable(name).withThreshold(Duration.ZERO));
    recording.start();
  }

  private List<RecordedEvent> events(String name) throws IOException {
    Path file = folder.resolve(name + ".jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("io.autorefresh." + name))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  private static AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofHours(1)).refreshOnCreate(false)
        .refreshBatch(FlightTest::answer);
  }

  private static Map<String, Outcome<Integer>> answer(Map<String, Integer> items) {
    Map<String, Outcome<Integer>> answer = new HashMap<>();
    items.forEach((id, value) -> {
      switch (id.charAt(0)) {
        case 'u' -> answer.put(id, Outcome.updated(value + 1));
        case 's' -> answer.put(id, Outcome.unchanged());
        case 'g' -> answer.put(id, Outcome.deleted());
        case 'f' -> answer.put(id, Outcome.failed(new IllegalStateException("no")));
        default -> {}
      }
    });
    return answer;
  }

  @Test
  void cycle_withEveryOutcome_isRecordedLikeItsCalls() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete((id, value) -> {}).build()) {
      Stream.of("u1", "u2", "s1", "g1", "f1", "x1", "x2", "d1").forEach(id -> cache.getOrCreate(id, 0));
      cache.deleteDelayed("d1");
      cache.sync();
    }
    assertThat(events("Cycle").getFirst())
        .extracting(e -> e.getString("cache"), e -> e.getThread().getJavaName(), e -> e.getLong("items"),
            e -> e.getLong("updated"), e -> e.getLong("unchanged"), e -> e.getLong("deleted"), e -> e.getLong("failed"),
            e -> e.getLong("unanswered"), e -> e.getLong("stale"), e -> e.getLong("timedOut"))
        .containsExactly("jobs", "jobs/cycle-1", 7L, 2L, 1L, 2L, 1L, 2L, 0L, 0L);
    assertThat(events("Call"))
        .extracting(e -> e.getThread().getJavaName(), e -> e.getString("callback"), e -> e.getLong("items"),
            e -> e.getLong("updated"), e -> e.getLong("deleted"), e -> e.getLong("timedOut"))
        .containsExactlyInAnyOrder(
            tuple("jobs/cycle-1/batch-2", "the refresher", 7L, 2L, 1L, 0L),
            tuple("jobs/cycle-1/delete-1", "the deleter", 1L, 0L, 1L, 0L));
    assertThat(events("Creation")).extracting(e -> e.getString("id")).hasSize(8).contains("u1", "d1");
    assertThat(events("Removal")).extracting(e -> e.getString("id"), e -> e.getString("cause"))
        .containsExactlyInAnyOrder(tuple("d1", "DELETED"), tuple("g1", "DELETED_BY_REMOTE"));
  }

  @Test
  void removal_byEviction_isRecordedAtOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(1).build()) {
      cache.getOrCreate("u1", 0);
      cache.getOrCreate("u2", 0);
      assertThat(events("Removal")).extracting(e -> e.getString("id"), e -> e.getString("cause"))
          .containsExactly(tuple("u1", "EVICTED"));
    }
  }

  @Test
  void call_thatIgnoresItsTimeOut_isAbandonedAndRecordedAtItsEnd() throws Exception {
    Gate gate = new Gate();
    try (AutoRefresh<String, Integer> cache = jobs().refreshTimeout(Duration.ofMillis(50)).refreshBatch(items -> {
      gate.passStubbornly();
      return Map.of();
    }).build()) {
      cache.getOrCreate("u1", 0);
      cache.sync();
      assertThat(events("Abandoned")).extracting(e -> e.getString("cache"), e -> e.getString("name"))
          .containsExactly(tuple("jobs", "jobs/cycle-1/batch-1"));
      assertThat(events("Call")).isEmpty();

      gate.open();
      Await.until("the call has ended", () -> cache.stats().abandonedJobs() == 0);
      RecordedEvent call = events("Call").getFirst();
      assertThat(call.getLong("timedOut")).isOne();
      assertThat(call.getDuration()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }
  }

  @Test
  void cycle_thatCannotHandOutAll_isAnOverrun() throws Exception {
    Gate gate = new Gate();
    try (AutoRefresh<String, Integer> cache = jobs().refreshEvery(Duration.ofMillis(50)).batchSize(1).maxConcurrency(1)
        .spread(false).refreshBatch(items -> {
          gate.pass();
          return Map.of();
        }).build()) {
      Stream.of("u1", "u2", "u3").forEach(id -> cache.getOrCreate(id, 0));
      cache.start();
      Await.until("a cycle overruns", () -> cache.stats().overruns() > 0);
      gate.open();
    }
    RecordedEvent overrun = events("Overrun").getFirst();
    assertThat(overrun.getLong("backlog")).isPositive();
    assertThat(overrun.getDuration("period")).isGreaterThanOrEqualTo(Duration.ofMillis(50));
  }

  @Test
  void group_thatIsDownAndUpAgain_isRecorded() throws Exception {
    AtomicBoolean failing = new AtomicBoolean(true);
    ManualTicker ticker = new ManualTicker();
    Duration second = Duration.ofSeconds(1);
    try (AutoRefresh<String, Integer> cache = jobs().refreshEvery(second).backoff(second, second).ticker(ticker)
        .batchBy((id, value) -> "eu").refreshBatch(items -> {
          if (failing.get()) {
            throw new IllegalStateException("no");
          }
          return answer(items);
        }).build()) {
      cache.getOrCreate("u1", 0);
      for (int i = 0; i < 4; i++) {
        cache.sync();
        ticker.jump(second);
      }
      assertThat(events("GroupDown")).extracting(e -> e.getString("cache"), e -> e.getString("id"))
          .containsExactly(tuple("jobs", "eu"));
      assertThat(events("GroupUp")).isEmpty();

      failing.set(false);
      cache.sync();
      cache.sync();
      RecordedEvent up = events("GroupUp").getFirst();
      assertThat(up.getString("id")).isEqualTo("eu");
      assertThat(up.getDuration("failing")).isBetween(second, Duration.ofSeconds(4));
    }
  }

  @Test
  void id_whoseTextCannotBeHad_isNamedByItsClass() throws Exception {
    Flight flight = new Flight("jobs");
    flight.created(new Unprintable("u1"));
    assertThat(events("Creation")).as("its text is made later").isEmpty();
    flight.flush();
    assertThat(events("Creation")).extracting(e -> e.getString("id")).containsExactly(Unprintable.class.getName());
  }

  @Test
  void call_whileNothingIsRecorded_makesNoEvent() {
    Flight flight = new Flight("jobs");
    assertThat(flight.beginCall()).isNotNull();
    recording.stop();
    assertThat(flight.beginCall()).isNull();
  }

  @Test
  void eventTypes_allOfThem_areLabelledAndInOneCategory() {
    Flight flight = new Flight("jobs");
    flight.beginCycle();
    flight.beginCall();
    flight.abandoned("batch-1");
    flight.overrun(1, 1);
    flight.created("u1");
    flight.removed("u1", RemovalCause.EVICTED);
    flight.group("eu", true, 1);
    flight.group("eu", false, 1);
    List<EventType> types = FlightRecorder.getFlightRecorder().getEventTypes().stream()
        .filter(type -> type.getName().startsWith("io.autorefresh."))
        .toList();
    assertThat(types).extracting(EventType::getName).containsExactlyInAnyOrderElementsOf(NAMES);
    assertThat(types).allSatisfy(type -> {
      assertThat(type.getLabel()).isNotBlank();
      assertThat(type.getDescription()).isNotBlank();
      assertThat(type.getCategoryNames()).containsExactly("AutoRefresh");
      assertThat(type.getFields()).extracting(ValueDescriptor::getLabel).doesNotContainNull();
    });
  }
}
