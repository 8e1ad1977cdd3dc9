package consumer.spring;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Runs two replicas of the service in this JVM, and asks them what an operator asks. */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    JobApi oneApi;
    JobApi otherApi;
    try (var one = new Replica(); var other = new Replica()) {
      oneApi = one.api();
      otherApi = other.api();
      check(one.readiness().statusCode() == 503, "it is not ready before the remote has answered");
      check(one.ask("GET", "/actuator/health/liveness").statusCode() == 200, "it lives meanwhile");
      print(one.readiness());

      oneApi.open.countDown();
      otherApi.open.countDown();
      one.awaitReady();
      other.awaitReady();
      print(one.ask("GET", "/actuator/health"));

      one.ask("PUT", "/jobs/job-2");
      check(one.ask("GET", "/jobs/job-1").body().equals("running, by a virtual thread"), "the job is refreshed");
      one.ask("DELETE", "/jobs/job-2");
      String scrape = one.ask("GET", "/actuator/prometheus").body();
      scrape.lines().filter(line -> line.startsWith("autorefresh_")).forEach(System.out::println);
      check(scrape.contains("autorefresh_size_items{cache=\"jobs\"} 2.0"), "the first replica has two jobs");
      check(scrape.contains("autorefresh_items{cache=\"jobs\",state=\"pending-deletion\"} 1.0"), "one is marked");
      check(other.ask("GET", "/actuator/prometheus").body().contains("autorefresh_size_items{cache=\"jobs\"} 1.0"),
          "the second has one");
      check(oneApi.released.isEmpty(), "it is not released before the next cycle");
    }
    check(List.copyOf(oneApi.released).equals(List.of("job-2")), "the shutdown releases it");
    check(otherApi.released.isEmpty(), "the second replica releases nothing");
    System.out.println("two replicas served, were scraped, and released their jobs");
  }

  private static void print(HttpResponse<String> answer) {
    System.out.println(answer.uri().getPath() + " " + answer.statusCode() + " " + answer.body());
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  /** One context of the service, on a port of its own. */
  private static final class Replica implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Application.class).run("--server.port=0");

    JobApi api() {
      return context.getBean(JobApi.class);
    }

    HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
      String port = context.getEnvironment().getProperty("local.server.port");
      var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
          .method(method, BodyPublishers.noBody())
          .build();
      return client.send(request, BodyHandlers.ofString());
    }

    HttpResponse<String> readiness() throws IOException, InterruptedException {
      return ask("GET", "/actuator/health/readiness");
    }

    void awaitReady() throws IOException, InterruptedException {
      for (int i = 0; readiness().statusCode() != 200; i++) {
        check(i < 300, "it is ready");
        Thread.sleep(100);
      }
    }

    @Override
    public void close() {
      context.close();
      client.close();
    }
  }
}
