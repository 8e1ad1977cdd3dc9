package io.autorefresh.redis.example;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A replica as its parent sees it: a process that reports its ages, and calls that the service counts. */
final class ReplicaProcess {

  private final String name;
  private final Service service;
  private final URI redis;
  private @Nullable Process process;
  private long callsBefore;
  private long rowBefore;

  /** The latest report, and the greatest age of all reports since {@link #forgetOldest}. */
  private volatile String ages = "";
  private volatile long oldest;

  ReplicaProcess(String name, Service service, URI redis) {
    this.name = name;
    this.service = service;
    this.redis = redis;
  }

  void start() throws IOException {
    Process started = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
        "-Djava.util.logging.SimpleFormatter.format=        " + name + ": %5$.90s%n", // a line each, no stack traces
        "-cp", System.getProperty("java.class.path"),
        Replica.class.getName(), service.uri().resolve("/" + name).toString(), redis.toString())
        .redirectError(Redirect.INHERIT)
        .start();
    process = started;
    Thread.ofVirtual().name(name).start(() -> read(started));
  }

  private void read(Process started) {
    try (BufferedReader reports = started.inputReader()) {
      reports.lines().forEach(report -> {
        ages = report.replace(' ', '/');
        oldest = Math.max(oldest, Long.parseLong(report.substring(report.lastIndexOf(' ') + 1)));
      });
    } catch (IOException e) {
      System.out.println(name + ": " + e);
    }
    ages = "";
  }

  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  long calls() { return service.calls(name); }

  long oldest() { return oldest; }

  void forgetOldest() {
    oldest = 0;
    callsBefore = calls();
    rowBefore = System.nanoTime();
  }

  /** Its part of a row: calls a second since the row before, and ages. */
  String cell() {
    long calls = calls();
    long now = System.nanoTime();
    double rate = (calls - callsBefore) * 1e9 / (now - rowBefore);
    callsBefore = calls;
    rowBefore = now;
    return String.format(Locale.ROOT, "| %3.0f %-15s ", rate, ages.isEmpty() ? "(none)" : ages);
  }
}
