package consumer.modular;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Creates a job, waits until the background has found it done, has it deleted, and says so. */
public final class Main {

  private record Job(boolean done) {}

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
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
    System.out.println("refreshed and deleted, by " + AutoRefresh.class.getModule());
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
