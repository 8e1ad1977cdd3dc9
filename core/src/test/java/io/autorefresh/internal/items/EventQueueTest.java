package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Tally;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11: how many events wait, and what happens to those that are too many. */
@Timeout(60)
class EventQueueTest {

  private final EventQueue<Integer, Integer> queue = new EventQueue<>();
  private final Item<Integer, Integer> item = new Item<>(1, 1, 5, 0, false, Condition.UNCONFIRMED);

  private void fill(int events) {
    IntStream.range(0, events).forEach(i -> queue.post(new Event.Created<>(i, 0)));
  }

  private void empty() {
    while (queue.poll() != null) {
      // There are more.
    }
  }

  private static Cause kept(Throwable thrown) {
    return new Cause(thrown.getClass().getName(), thrown.getMessage(), -1, new Tally());
  }

  private static Failure failure(Throwable cause) { return new Failure(1, kept(cause), 0, 0, 0, false, 0); }

  private void postFailure(Throwable cause) {
    queue.postFailure(item, cause, failure(cause));
  }

  private @Nullable Throwable nextCause() {
    return queue.poll() instanceof ItemEvent.RefreshFailed<Integer, Integer> failed ? failed.cause() : null;
  }

  @Test
  void R11_events_areTakenInTheOrderOfTheirPosting() {
    fill(100);
    assertThat(queue.size()).isEqualTo(100);
    for (int i = 0; i < 100; i++) {
      assertThat(Told.of(queue.poll())).isEqualTo(Told.created(i, 0));
    }
    assertThat(queue.poll()).isNull();
    assertThat(queue.size()).isZero();
  }

  @Test
  void R11_eventsBeyondTheBound_areDroppedAndCounted() {
    fill(EventQueue.MAX_WAITING);
    assertThat(queue.dropped()).isZero();
    fill(10);
    postFailure(new IllegalStateException("of the test"));
    assertThat(queue.size()).isEqualTo(EventQueue.MAX_WAITING);
    assertThat(queue.dropped()).isEqualTo(11);
    queue.poll();
    fill(2);
    assertThat(queue.size()).as("there was room for one").isEqualTo(EventQueue.MAX_WAITING);
    assertThat(queue.dropped()).isEqualTo(12);
  }

  @Test
  void R11_theBound_isExactWhenManyThreadsPost() throws Exception {
    for (int round = 0; round < 200; round++) {
      empty();
      fill(EventQueue.MAX_WAITING - 4);
      long dropped = queue.dropped();
      Worker.together(4, number -> {
        fill(4);
        return null;
      });
      assertThat(queue.size()).isEqualTo(EventQueue.MAX_WAITING);
      assertThat(queue.dropped() - dropped).isEqualTo(12);
    }
  }

  @Test
  void R11_exceptionsBeyondTheirBound_areSummaries() {
    List<Throwable> causes = new ArrayList<>();
    for (int i = 0; i < EventQueue.MAX_CAUSES + 10; i++) {
      causes.add(new IllegalStateException("number " + i, new Exception("a cause")));
      postFailure(causes.get(i));
    }
    for (int i = 0; i < EventQueue.MAX_CAUSES; i++) {
      assertThat(nextCause()).isSameAs(causes.get(i));
    }
    for (int i = EventQueue.MAX_CAUSES; i < causes.size(); i++) {
      assertThat(nextCause()).isNotSameAs(causes.get(i)).hasNoCause().hasNoSuppressedExceptions()
          .hasMessageContaining("IllegalStateException").hasMessageContaining("number " + i)
          .satisfies(cause -> assertThat(cause.getStackTrace()).isEmpty());
    }
    postFailure(causes.getFirst());
    assertThat(nextCause()).as("there is room again").isSameAs(causes.getFirst());
  }

  @Test
  void R11_exceptionsOfDroppedEvents_takeNoRoom() {
    IllegalStateException cause = new IllegalStateException("of the test");
    fill(EventQueue.MAX_WAITING);
    for (int i = 0; i < EventQueue.MAX_CAUSES; i++) {
      postFailure(cause);
    }
    empty();
    postFailure(cause);
    assertThat(nextCause()).isSameAs(cause);
  }

  @Test
  void R11_eachEvent_makesTheTakerLook() {
    AtomicInteger looks = new AtomicInteger();
    queue.onPost(looks::incrementAndGet);
    fill(2);
    queue.wake();
    assertThat(looks).hasValue(3);
    queue.onPost(null);
    fill(1);
    assertThat(looks).hasValue(3);
  }

  @Test
  void R11_noEventIsLost_whenManyThreadsPostBesideATaker() throws Exception {
    int each = 20_000;
    Worker<Integer> taker = Worker.start(() -> {
      int count = 0;
      Signal signal = new Signal(Ticker.systemTicker());
      queue.onPost(signal::ring);
      while (count < 2 * each) {
        if (queue.poll() == null) {
          signal.await();
        } else {
          count++;
        }
      }
      return count;
    });
    Worker.together(2, number -> {
      for (int i = 0; i < each; i++) {
        fill(1);
        if (i % 1_000 == 0) {
          Await.until("there is room", () -> queue.size() < 1_000);
        }
      }
      return null;
    });
    assertThat(taker.result()).isEqualTo(2 * each);
    assertThat(queue.dropped()).isZero();
  }
}
