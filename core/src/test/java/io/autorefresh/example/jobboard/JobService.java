package io.autorefresh.example.jobboard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The remote: an HTTP service on loopback that runs jobs, and holds the truth about them.
 *
 * <pre>
 * POST   /status      ids, one a line     200: "id STATE percent", "id ERROR why" or "id GONE", one a line
 * DELETE /jobs/{id}                       200, 404 if there is none (any more), 409 if it is not done
 * </pre>
 *
 * <p>It is as bad as services are: it takes 5 to 80 ms for an answer, answers one call of 100 with 500 and one of 200
 * with 429, never answers one of them, and never knows the state of one job, the poison. How long each job lives, and
 * what happens to the n-th call, follows from the seed.
 */
final class JobService implements AutoCloseable {

  private static final int HANGING_STATUS_CALL = 150;

  final List<String> ids;
  final CallWatch watch = new CallWatch();
  final Set<String> deleted = ConcurrentHashMap.newKeySet();
  final LongAdder refusedDeletions = new LongAdder();
  final Map<Integer, Integer> answers = new ConcurrentSkipListMap<>();

  private final long seed;
  private final Map<String, Duration> lives = new LinkedHashMap<>();
  private final String poison;
  private final long begun = System.nanoTime();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger statusCalls = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  /** Begins to run the jobs, which live from one second to the longest life; a tenth of them ends all at once. */
  JobService(int jobs, Duration longest, long seed) throws IOException {
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < jobs; i++) {
      double share = i % 10 == 0 ? .5 : random.nextDouble();
      lives.put("job-%05d".formatted(i), Duration.ofMillis(1000 + (long) (share * (longest.toMillis() - 1000))));
    }
    ids = List.copyOf(lives.keySet());
    poison = ids.get(random.nextInt(jobs));
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1_000);
    server.createContext("/status", exchange -> {
      if (statusCalls.incrementAndGet() == HANGING_STATUS_CALL) {
        pause(Long.MAX_VALUE);
      }
      List<String> ids = new String(exchange.getRequestBody().readAllBytes(), US_ASCII).lines().toList();
      serve(exchange, ids, this::statuses);
    });
    server.createContext("/jobs/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      serve(exchange, List.of(exchange.getRequestURI().getPath().substring("/jobs/".length())), this::delete);
    });
    server.setExecutor(executor);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  Set<String> finished() {
    return ids.stream().filter(id -> life(id) >= 1 && !id.equals(poison)).collect(Collectors.toSet());
  }

  /** The present moment of a job's life: 0 at its beginning, 1 and more when it is done. */
  private double life(String id) {
    return (double) (System.nanoTime() - begun) / lives.get(id).toNanos();
  }

  private Answer statuses(List<String> ids) {
    return new Answer(200, ids.stream().map(this::status).collect(Collectors.joining("\n")));
  }

  private String status(String id) {
    if (id.equals(poison)) {
      return id + " ERROR poison";
    }
    if (deleted.contains(id)) {
      return id + " GONE";
    }
    Job job = Job.at(life(id));
    return id + " " + job.state() + " " + job.percent();
  }

  private Answer delete(List<String> ids) {
    String id = ids.getFirst();
    if (id.equals(poison) || life(id) < 1) {
      refusedDeletions.increment();
      return new Answer(409, "not done");
    }
    return deleted.add(id) ? new Answer(200, "deleted") : new Answer(404, "gone");
  }

  /** The watch sees a call end before it is answered: from then on the client may be at its next one. */
  private void serve(HttpExchange exchange, List<String> ids, Function<List<String>, Answer> work) throws IOException {
    SplittableRandom fate = new SplittableRandom(seed + calls.incrementAndGet());
    watch.begin(ids);
    Answer answer;
    try {
      pause(5 + (long) (76 * Math.pow(fate.nextDouble(), 3)));
      double luck = fate.nextDouble();
      answer = luck < .01 ? new Answer(500, "out of luck") : luck < .015 ? new Answer(429, "busy") : work.apply(ids);
    } finally {
      watch.end(ids);
    }
    answers.merge(answer.code, 1, Integer::sum);
    try (exchange) {
      if (answer.code == 429) {
        exchange.getResponseHeaders().add("Retry-After", "1");
      }
      exchange.sendResponseHeaders(answer.code, answer.body.length());
      exchange.getResponseBody().write(answer.body.getBytes(US_ASCII));
    }
  }

  private void pause(long millis) throws InterruptedIOException {
    try {
      if (closed.await(millis, TimeUnit.MILLISECONDS)) {
        throw new InterruptedIOException("closed");
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    executor.close();
  }

  private record Answer(int code, String body) {}
}
