package io.autorefresh.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Await;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** W6: what waiting callers cost. */
@Timeout(120)
class WaitingCostTest {

  private static final int WAITERS = 10_000;
  private static final Pattern ROW = Pattern.compile("\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+).*");

  /** The bytes of all reachable objects, except the stacks of virtual threads. */
  private static long bytes() throws Exception {
    String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
        new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
        new Object[] {null}, new String[] {String[].class.getName()});
    long sum = 0;
    for (String line : histogram.split("\n")) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && !row.group(2).contains("StackChunk")) {
        sum += Long.parseLong(row.group(1));
      }
    }
    return sum;
  }

  private interface Wait {
    void run(int number) throws Exception;
  }

  /** Returns the bytes that each of many virtual threads costs that wait so; they are told to end then. */
  private static long bytesOf(Wait wait, Runnable end, Thread.State state) throws Exception {
    bytes();
    long before = bytes();
    List<Thread> threads = new ArrayList<>(WAITERS);
    for (int i = 0; i < WAITERS; i++) {
      int number = i;
      threads.add(Thread.startVirtualThread(() -> {
        try {
          wait.run(number);
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }));
    }
    Await.until("all wait", () -> threads.stream().allMatch(thread -> thread.getState() == state));
    long each = (bytes() - before) / WAITERS;
    end.run();
    for (Thread thread : threads) {
      thread.join();
    }
    return each;
  }

  /** Beside a thread that waits for nothing and is not timed. */
  @Test
  void W6_tenThousandVirtualThreads_costAtMost300BytesEach_andAllAreWoken() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    long bare = bytesOf(number -> over.await(), over::countDown, Thread.State.WAITING);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger woken = new AtomicInteger();
    Duration hour = Duration.ofHours(1);
    try (var cache = AutoRefresh.<Integer, Integer>builder().refresh((id, value) -> done.get() ? -1 : value)
        .refreshEvery(hour).build()) {
      for (int id = 0; id < WAITERS; id++) {
        cache.getOrCreate(id, 1_000 + id);
      }
      cache.sync();
      long waiting = bytesOf(id -> {
        cache.await(id, value -> value < 0, hour);
        woken.incrementAndGet();
      }, () -> {
        done.set(true);
        sync(cache);
      }, Thread.State.TIMED_WAITING);
      assertThat(woken).hasValue(WAITERS);
      assertThat(waiting - bare).as("bytes a waiter").isBetween(50L, 300L);
    }
  }

  private static void sync(AutoRefresh<?, ?> cache) {
    try {
      cache.sync();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
