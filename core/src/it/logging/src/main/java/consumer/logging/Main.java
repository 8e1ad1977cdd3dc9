package consumer.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.autorefresh.AutoRefresh;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Lets two caches fail, and checks what Logback got of it: the names of loggers, the callers, the texts. */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(logged);

    fail("jobs");
    fail("prices");
    // The console's pattern has asked for the callers, when they were on the stack.
    List<ILoggingEvent> events = List.copyOf(logged.list);
    check(!events.isEmpty(), "something was logged");
    for (ILoggingEvent event : events) {
      check(event.getLoggerName().equals("io.autorefresh.jobs"), "one logger for each cache: " + event.getLoggerName());
      StackTraceElement caller = event.getCallerData()[0];
      check(caller.getClassName().startsWith("io.autorefresh."), "a line of the library: " + caller);
      check(!caller.getClassName().endsWith("Log"), "not that of its logging helper: " + caller);
    }
    check(events.stream().anyMatch(event -> event.getThrowableProxy() != null
        && event.getThrowableProxy().getMessage().equals("no answer {}")), "the exception is there");
    check(events.stream().anyMatch(event -> event.getFormattedMessage().contains("the refresher failed for job-{1}")),
        "braces are text");
    check(events.stream().anyMatch(event -> event.getCallerData()[0].getClassName().endsWith(".Shutdown")),
        "what the close has to tell comes from there");
    System.out.println("one logger for each cache, and no line of a logging helper");
  }

  /** A refresh and a deletion that fail, the latter at the close. */
  private static void fail(String name) throws InterruptedException {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder()
        .name(name)
        .refreshBatch(items -> {
          throw new IllegalStateException("no answer {}");
        })
        .refreshEvery(Duration.ofHours(1))
        .onDelete((id, value) -> {
          throw new IllegalStateException("no deletion");
        })
        .build()) {
      cache.getOrCreate("job-{1}", 1);
      cache.sync();
      cache.deleteDelayed("job-{1}");
    }
  }
  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
