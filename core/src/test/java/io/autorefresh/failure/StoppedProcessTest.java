package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R7: the time in which the process stood still is not charged to the remote. */
@Timeout(120)
class StoppedProcessTest {

  private static final int ANSWERED = 8;
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  /** How long the process stands still: longer than a call may take. */
  private static final Duration STOP = TIMEOUT.multipliedBy(4).dividedBy(3);

  /**
   * The process that is stopped: has a cache whose calls ask a service, prints how they ended, and ends with its input.
   */
  static final class Process {

    private Process() {}

    public static void main(String[] args) throws Exception {
      int port = Integer.parseInt(args[0]);
      // The first line takes long, in which a call that has to be judged could still end.
      System.getLogger("io.autorefresh.autorefresh").log(System.Logger.Level.WARNING, "logging works");
      try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder()
          .refreshEvery(Duration.ofHours(1)).refreshTimeout(TIMEOUT).maxConcurrency(ANSWERED + 1)
          .refresh((id, n) -> {
            try (Socket service = new Socket(InetAddress.getLoopbackAddress(), port)) {
              int answer = service.getInputStream().read();
              // A client has something to do with an answer: for a quarter of the time that is granted.
              TimeUnit.NANOSECONDS.sleep(TIMEOUT.dividedBy(40).toNanos());
              return answer;
            }
          }).start()) {
        for (int id = 0; id <= ANSWERED; id++) {
          cache.getOrCreate(id, 0);
        }
        Stats stats = cache.stats();
        while (stats.updated() + stats.failed() < ANSWERED + 1) {
          TimeUnit.MILLISECONDS.sleep(1);
          stats = cache.stats();
        }
        System.out.println(stats.updated() + " updated, " + stats.timedOutCalls() + " timed out");
        System.in.read();
      }
    }
  }

  private static String placeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  private static java.lang.Process start(int port) throws IOException, URISyntaxException {
    return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp", placeOf(AutoRefresh.class) + File.pathSeparator + placeOf(Process.class),
        Process.class.getName(), String.valueOf(port)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static void signal(String signal, java.lang.Process process) throws Exception {
    ProcessBuilder kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).inheritIO();
    assertThat(kill.start().waitFor()).as("exit code of kill").isZero();
  }

  private static boolean isStopped(java.lang.Process process) throws IOException {
    java.lang.Process ps = new ProcessBuilder("ps", "-o", "stat=", "-p", String.valueOf(process.pid())).start();
    try (BufferedReader states = ps.inputReader()) {
      String state = states.readLine();
      return state != null && state.startsWith("T");
    }
  }

  @Test
  void R7_callsWhoseAnswersArrivedWhileTheProcessStoodStill_doNotTimeOut() throws Exception {
    try (ServerSocket service = new ServerSocket(0, ANSWERED + 1, InetAddress.getLoopbackAddress())) {
      java.lang.Process process = start(service.getLocalPort());
      try (BufferedReader output = process.inputReader()) {
        List<Socket> calls = Worker.start(() -> {
          List<Socket> accepted = new ArrayList<>();
          while (accepted.size() < ANSWERED + 1) {
            accepted.add(service.accept());
          }
          return accepted;
        }).result();
        signal("STOP", process);
        Await.until("the process stands still", () -> isStopped(process));
        long begin = System.nanoTime();
        for (Socket call : calls.subList(1, ANSWERED + 1)) {
          call.getOutputStream().write(1);
        }
        Await.until("it has stood still for longer than a call may take",
            () -> System.nanoTime() - begin >= STOP.toNanos());
        signal("CONT", process);
        // The first call has no answer: the time that was granted to it has an end.
        assertThat(Worker.start(output::readLine).result()).isEqualTo(ANSWERED + " updated, 1 timed out");
        for (Socket call : calls) {
          call.close();
        }
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
