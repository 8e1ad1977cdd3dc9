package io.autorefresh.example.jobboard;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Freshness;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Draws the live table in place, or a plain line every two seconds where there is no terminal. All that it shows comes
 * from the cache: {@code stats} has the totals, {@code freshness} the ages, the listener what failed.
 */
final class Board {

  private static final int BAR = 48;
  private static final String NO_WRAP = "\033[?7l";
  private static final String WRAP = "\033[?7h";
  private static final Logger LIBRARY_LOG = Logger.getLogger("io.autorefresh.jobs");

  private record Sample(double seconds, long reads, long calls) {}

  private final PrintStream out;
  private final boolean terminal = isTerminal();
  private final String full;
  private final String empty;
  private final long begun = System.nanoTime();
  private final Map<String, Long> failures = new ConcurrentSkipListMap<>();
  private final Deque<Sample> lastSecond = new ArrayDeque<>(List.of(new Sample(0, 0, 0)));
  private final AtomicInteger warnings = new AtomicInteger();
  private volatile String lastWarning = "";
  private boolean drawn;
  private double nextLine;

  Board(PrintStream out) {
    this.out = out;
    boolean blocks = out.charset().newEncoder().canEncode("█░");
    full = blocks ? "█" : "#";
    empty = blocks ? "░" : ".";
    LIBRARY_LOG.setFilter(this::takeWarning);
  }

  /** The library's log becomes a row of the table, which its lines would tear. */
  private boolean takeWarning(LogRecord warning) {
    lastWarning = ", the last: " + new SimpleFormatter().formatMessage(warning);
    warnings.incrementAndGet();
    return false;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  void count(Throwable failure) {
    failures.merge(switch (failure) {
      case RetryAfterException e -> "HTTP 429";
      case TimeoutException e -> "timed out";
      default -> String.valueOf(failure.getMessage());
    }, 1L, Long::sum);
  }

  void draw(AutoRefresh<String, Job> jobs, int all, int finished, long reads) {
    Stats stats = jobs.stats();
    Sample now = new Sample(elapsed().toNanos() / 1e9, reads, stats.refreshCalls() + stats.deleteCalls());
    Sample before = lastSecond.size() > 2 ? lastSecond.remove() : lastSecond.element();
    lastSecond.add(now);
    double seconds = now.seconds - before.seconds;
    Map<Job.State, Long> states =
        jobs.asMap().values().stream().collect(groupingBy(Job::state, counting()));
    show(now.seconds, finished, all, List.of(
        text("jobs      %,d queued, %,d running, %,d done, %,d deleted", states.getOrDefault(Job.State.QUEUED, 0L),
            states.getOrDefault(Job.State.RUNNING, 0L), states.getOrDefault(Job.State.DONE, 0L), stats.deletions()),
        text("reads     %,.0f a second", (now.reads - before.reads) / seconds),
        "age       " + ages(jobs.freshness()),
        text("calls     %,.0f a second, %d running", (now.calls - before.calls) / seconds, stats.runningJobs()),
        text("failures  %s", failures.isEmpty() ? "none" : failures.entrySet().stream()
            .map(failure -> text("%,d %s", failure.getValue(), failure.getKey())).collect(joining(", "))),
        text("failing   %,d, each retried after its back-off", stats.failing()),
        text("warnings  %,d%s", warnings.get(), lastWarning)));
  }

  private static String ages(Freshness ages) {
    return ages.count() == 0 ? "no live job" : text("p50 %.2f s, p99 %.2f s, max %.2f s (%s)",
        ages.p50().toNanos() / 1e9, ages.p99().toNanos() / 1e9, ages.max().toNanos() / 1e9, ages.oldest().getFirst());
  }

  private void show(double seconds, int finished, int all, List<String> rows) {
    String progress = text("%,d of %,d finished, %.1f s", finished, all, seconds);
    if (terminal) {
      int length = BAR * finished / all;
      StringBuilder frame = new StringBuilder(drawn ? text("\033[%dA", rows.size() + 2) : "").append(NO_WRAP);
      frame.append(text("  \033[32m%s\033[90m%s\033[0m  %s\033[K%n\033[K%n",
          full.repeat(length), empty.repeat(BAR - length), progress));
      rows.forEach(row -> frame.append(text("  %.76s\033[K%n", row)));
      out.print(frame.append(WRAP));
      out.flush();
      drawn = true;
    } else if (seconds >= nextLine) {
      out.println(progress + "; " + rows.stream().map(row -> row.replaceFirst(" +", " ")).collect(joining("; ")));
      nextLine += 2;
    }
  }

  /** On 21 there is a console only if there is a terminal; from 22 on there may always be one, and it can be asked. */
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
