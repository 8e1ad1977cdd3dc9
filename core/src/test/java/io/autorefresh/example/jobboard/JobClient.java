package io.autorefresh.example.jobboard;

import static java.util.stream.Collectors.toMap;

import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The client of the {@link JobService}: plain blocking code, since it runs on virtual threads. It has no time-outs, no
 * retries and no limits of its own; the library interrupts what takes too long, and comes back later to what failed.
 */
final class JobClient implements AutoCloseable {

  final CallWatch watch = new CallWatch();
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI service;

  /** Says hello, so that the time that the first call takes to load its classes is not a job's time. */
  JobClient(URI service) throws IOException, InterruptedException {
    this.service = service;
    http.send(request("/").build(), BodyHandlers.discarding());
  }

  /** The refresher: asks for a batch of jobs in one call, and says of each what became of it. */
  Map<String, Outcome<Job>> statuses(Map<String, Job> batch) throws Exception {
    String question = String.join("\n", batch.keySet());
    String answer = call(batch.keySet(), request("/status").POST(BodyPublishers.ofString(question)));
    return answer.lines()
        .map(line -> line.split(" "))
        .collect(toMap(line -> line[0], line -> Job.outcome(line)));
  }

  /** The deleter: releases one job. */
  void delete(String id) throws Exception {
    call(List.of(id), request("/jobs/" + id).DELETE());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(service.resolve(path));
  }

  private String call(Collection<String> ids, HttpRequest.Builder request) throws Exception {
    watch.begin(ids);
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return switch (response.statusCode()) {
        case 200, 404 -> response.body();
        case 429 -> throw new RetryAfterException(
            Duration.ofSeconds(response.headers().firstValueAsLong("Retry-After").orElse(1)));
        default -> throw new IOException("HTTP " + response.statusCode());
      };
    } finally {
      watch.end(ids);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
