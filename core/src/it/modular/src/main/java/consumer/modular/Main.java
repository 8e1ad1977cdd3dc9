package consumer.modular;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Creates a job, waits until the background has found it done, has it deleted, and says so. The run-time image has the
 * modules that this needs and no others, so no Flight Recorder: nothing is lost, and nothing is logged of it.
 */
public final class Main {

  private record Job(boolean done) {}

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    check(ModuleLayer.boot().findModule("jdk.jfr").isEmpty(), "the image has no Flight Recorder");
    PrintStream err = System.err;
    var log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true));
    try {
      refreshAndDelete();
    } finally {
      System.setErr(err);
    }
    check(!log.toString().contains("jfr"), "nothing was logged of it, but: " + log);
    System.out.println("refreshed and deleted, by " + AutoRefresh.class.getModule());
  }

  private static void refreshAndDelete() throws InterruptedException {
    var done = new CountDownLatch(1);
    var deleted = new CountDownLatch(1);
    try (AutoRefresh<String, Job> jobs = AutoRefresh.<String, Job>builder()
        .name("jobs")
        .refreshBatch(Main::allDone)
        .refreshEvery(Duration.ofMillis(100))
        .terminal(Job::done)
        .onDelete((id, job) -> deleted.countDown())
        .listener(event -> {
          if (event instanceof ItemEvent.BecameTerminal) {
            done.countDown();
          }
        })
        .build()) {
      jobs.start();
      check(!jobs.getOrCreate("job-1", new Job(false)).done(), "a new job is not done");
      check(done.await(30, TimeUnit.SECONDS), "the job was refreshed");
      check(jobs.getOrThrow("job-1").done(), "the job is done");

      jobs.deleteDelayed("job-1");
      jobs.sync();
      check(deleted.await(30, TimeUnit.SECONDS), "the job was released");
      check(jobs.get("job-1") == null && jobs.size() == 0, "the cache is empty");
    }
  }

  private static Map<String, Outcome<Job>> allDone(Map<String, Job> jobs) {
    var outcomes = new HashMap<String, Outcome<Job>>();
    jobs.forEach((id, job) -> outcomes.put(id, Outcome.updated(new Job(true))));
    return outcomes;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
