package io.autorefresh.example.jobboard;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * An example to run and watch for about 20 seconds: 10,000 jobs live and finish at an HTTP service that is slow, fails,
 * pushes back and hangs. The board tracks them all while three threads read as fast as they can, and a virtual thread
 * for each job waits until it is finished, and has it deleted. In the end it checks that nothing was missed and no
 * limit was broken.
 *
 * <p>What drives the library is all in this class. {@link JobService} is the remote, {@link JobClient} asks it, {@link
 * CallWatch} watches the calls on both sides, {@link Board} draws, {@link Summary} judges. An argument is taken as the
 * seed of an earlier run: the same jobs, and the same luck for the n-th call.
 */
public final class JobBoard {

  static final int MAX_CONCURRENCY = 40;
  static final int MAX_CALLS_PER_SECOND = 1_000;

  private static final int JOBS = 10_000;
  private static final int READERS = 3;
  private static final Duration LONGEST_LIFE = Duration.ofSeconds(18);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final JobService service;
  private final Board board;
  private final AutoRefresh<String, Job> jobs;
  private final Set<String> done = ConcurrentHashMap.newKeySet();
  private final LongAdder reads = new LongAdder();
  private final CountDownLatch undeleted = new CountDownLatch(JOBS - 1); // all but the poison job

  private JobBoard(JobService service, JobClient client, Board board) {
    this.service = service;
    this.board = board;
    jobs = AutoRefresh.<String, Job>builder()
        .name("jobs")
        .refreshBatch(client::statuses)
        .batchSize(100)
        .refreshEvery(Duration.ofSeconds(1))
        .refreshTimeout(Duration.ofSeconds(2))
        .maxConcurrency(MAX_CONCURRENCY)
        .maxCallsPerSecond(MAX_CALLS_PER_SECOND)
        .terminal(Job::isDone)
        .onDelete((id, job) -> client.delete(id))
        .listener(this::onEvent)
        .start();
  }

  private void run() throws InterruptedException {
    try (ExecutorService followers = Executors.newVirtualThreadPerTaskExecutor();
        jobs;
        ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      for (String id : service.ids) {
        jobs.getOrCreate(id, Job.SUBMITTED);
        followers.submit(() -> {
          jobs.await(id, Job::isDone, PATIENCE);
          done.add(id);
          return jobs.deleteDelayed(id);
        });
      }
      for (int i = 0; i < READERS; i++) {
        readers.execute(() -> {
          while (!readers.isShutdown()) {
            service.ids.forEach(id -> reads.add(jobs.get(id) == null ? 0 : 1));
          }
        });
      }
      while (!undeleted.await(500, TimeUnit.MILLISECONDS) && board.elapsed().compareTo(PATIENCE) < 0) {
        draw();
      }
      draw();
    }
  }

  private void draw() {
    board.draw(jobs, JOBS, done.size(), reads.sum());
  }

  private void onEvent(ItemEvent<String, Job> event) {
    switch (event) {
      case ItemEvent.Removed<String, Job> removed -> undeleted.countDown();
      case ItemEvent.RefreshFailed<String, Job> failed -> board.count(failed.cause());
      case ItemEvent.DeletionFailed<String, Job> failed -> board.count(failed.cause());
      default -> {}
    }
  }

  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    long seed = args.length > 0 ? Long.parseLong(args[0]) : ThreadLocalRandom.current().nextInt(1_000_000);
    out.printf("%,d jobs at a service on loopback, tracked by AutoRefresh (seed %d)%n%n", JOBS, seed);
    Summary summary;
    try (JobService service = new JobService(JOBS, LONGEST_LIFE, seed);
        JobClient client = new JobClient(service.uri())) {
      JobBoard jobBoard = new JobBoard(service, client, new Board(out));
      jobBoard.run();
      summary = Summary.of(service, client, jobBoard.jobs.stats(), jobBoard.done);
    }
    summary.print(out);
    if (!summary.allKept()) {
      System.exit(1);
    }
  }
}
