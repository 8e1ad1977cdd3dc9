package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Worker;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * R7 and L2 of a callback that waits in a channel whose closing throws: {@link Thread#interrupt} closes the channel,
 * and throws what that does.
 */
@Timeout(60)
class HostileChannelTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final ManualTicker ticker = new ManualTicker();
  private final Channel channel = new Channel();
  private final AtomicInteger good = new AtomicInteger();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private static final class Channel extends AbstractInterruptibleChannel {
    private final Gate gate = new Gate();

    @Override
    protected void implCloseChannel() {
      throw new IllegalStateException("of the channel");
    }

    /** Waits, whoever interrupts. */
    void read() throws Exception {
      begin();
      try {
        gate.passStubbornly();
      } finally {
        end(true);
      }
    }
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshTimeout(TIMEOUT).closeTimeout(Duration.ofDays(1)).refresh((id, item) -> {
          if (id.equals("bad")) {
            channel.read();
          } else {
            good.incrementAndGet();
          }
          return item + 1;
        });
  }

  @Test
  void R7_aChannelWhoseClosingThrows_costsNoSlotAndNoOtherItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).build()) {
      cache.start();
      cache.getOrCreate("bad", 0);
      channel.gate.awaitArrived(1);
      ticker.advance(TIMEOUT);
      Await.until("its call has failed", () -> cache.stats().timedOutCalls() == 1);
      Await.until("it has given its slot back",
          () -> cache.stats().abandonedJobs() == 1 && cache.stats().runningJobs() == 0);
      cache.getOrCreate("good", 0);
      Await.until("the other item is refreshed", () -> good.get() == 1);
      channel.gate.open();
      Await.until("no job is left", () -> cache.stats().abandonedJobs() == 0 && cache.stats().runningJobs() == 0);
      Await.until("it is logged", () -> log.entries().stream().anyMatch(entry -> entry.contains("of the channel")));
      assertThat(cache.inspect("bad").orElseThrow().failures()).isEqualTo(1);
    }
  }

  /** Begins to close the cache while another id is created, whose creator and caller hear of it. */
  private static Worker<Void> closeThatReachesAnother(AutoRefresh<String, Integer> cache) throws Exception {
    Gate creating = new Gate();
    Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("new", id -> {
      creating.pass();
      return 1;
    }));
    creating.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close);
    creating.awaitInterrupted(1);
    assertThat(creator.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    return closer;
  }

  @Test
  void L2_aChannelWhoseClosingThrows_keepsTheCloseFromNothing() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("bad", 0);
      channel.gate.awaitArrived(1);
      Worker<Void> closer = closeThatReachesAnother(cache);
      channel.gate.open();
      closer.result();
    }
  }

  @Test
  void L2_aCreatorsChannelWhoseClosingThrows_keepsTheCloseFromNothing() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      Worker<Integer> hostile = Worker.start(() -> cache.getOrCreate("bad", id -> {
        channel.read();
        return 1;
      }));
      channel.gate.awaitArrived(1);
      Worker<Void> closer = closeThatReachesAnother(cache);
      channel.gate.open();
      assertThat(hostile.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      closer.result();
    }
  }
}
