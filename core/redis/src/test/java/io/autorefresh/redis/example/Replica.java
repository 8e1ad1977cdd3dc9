package io.autorefresh.redis.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Freshness;
import io.autorefresh.Outcome;
import io.autorefresh.redis.RedisExchange;
import io.autorefresh.share.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/**
 * One of the JVMs: a cache of all jobs that shares the refresh work with the other replicas. Each 250 ms it prints the
 * ages of its jobs in ms: {@code p50 p99 max}. It ends when its standard input does.
 */
final class Replica {

  static final int JOBS = 5_000;
  static final int BATCH_SIZE = 100;
  static final Duration PERIOD = Duration.ofSeconds(2);

  private static final class TextCodec implements Codec<String, String> {

    @Override
    public String text(String id) { return id; }

    @Override
    public String id(String text) { return text; }

    @Override
    public byte[] encode(String value) { return value.getBytes(UTF_8); }

    @Override
    public String decode(byte[] bytes) { return new String(bytes, UTF_8); }
  }

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI service;

  private Replica(URI service) {
    this.service = service;
  }

  /** The refresher: asks for a batch of jobs in one call. */
  private Map<String, Outcome<String>> statuses(Map<String, String> batch) throws Exception {
    String question = String.join("\n", batch.keySet());
    HttpResponse<String> response = http.send(
        HttpRequest.newBuilder(service).POST(BodyPublishers.ofString(question)).build(), BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("HTTP " + response.statusCode());
    }
    return response.body().lines()
        .map(line -> line.split(" "))
        .collect(toMap(line -> line[0], line -> Outcome.updated(line[1])));
  }

  private void run(URI redis) throws Exception {
    try (http;
        AutoRefresh<String, String> jobs = AutoRefresh.<String, String>builder()
            .name("jobs")
            .refreshBatch(this::statuses)
            .batchSize(BATCH_SIZE)
            .refreshEvery(PERIOD)
            .share(RedisExchange.builder(redis, "jobs:").build(), new TextCodec())
            .start()) {
      for (int i = 0; i < JOBS; i++) {
        jobs.getOrCreate("job-%05d".formatted(i), "submitted");
      }
      while (System.in.available() == 0) {
        Freshness ages = jobs.freshness();
        System.out.println(ages.p50().toMillis() + " " + ages.p99().toMillis() + " " + ages.max().toMillis());
        Thread.sleep(250);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    new Replica(URI.create(args[0])).run(URI.create(args[1]));
  }
}
