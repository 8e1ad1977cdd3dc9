package consumer.classpath;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Creates a counter, waits until the background has raised it three times, has it deleted, and says so. */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    var raised = new CountDownLatch(3);
    var deleted = new CountDownLatch(1);
    try (AutoRefresh<String, Integer> counters = AutoRefresh.<String, Integer>builder()
        .name("counters")
        .refresh((id, count) -> count + 1)
        .refreshEvery(Duration.ofMillis(100))
        .onDelete((id, count) -> deleted.countDown())
        .listener(event -> {
          if (event instanceof ItemEvent.Updated) {
            raised.countDown();
          }
        })
        .build()) {
      counters.start();
      check(counters.getOrCreate("a", id -> 0) == 0, "a new counter is at 0");
      check(raised.await(30, TimeUnit.SECONDS), "the counter was refreshed");
      check(counters.getOrThrow("a") >= 3, "the counter was raised");

      counters.deleteDelayed("a");
      counters.sync();
      check(deleted.await(30, TimeUnit.SECONDS), "the counter was released");
      check(counters.inspect("a").isEmpty() && counters.size() == 0, "the cache is empty");
    }
    System.out.println("refreshed and deleted, by " + AutoRefresh.class.getModule());
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
