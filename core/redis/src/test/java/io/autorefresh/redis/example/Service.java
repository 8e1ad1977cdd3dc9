package io.autorefresh.redis.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.autorefresh.Ticker;
import io.autorefresh.testing.FakeRemote;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * The remote: an HTTP service on loopback, with a {@link FakeRemote} behind it. {@code POST /REPLICA} takes ids, one a
 * line, and answers {@code "id state"}, one a line. It counts the calls of each replica,
 * and the ids of all.
 */
final class Service implements AutoCloseable {

  static final Duration CALL_TIME = Duration.ofMillis(20);

  private final FakeRemote<String, String> jobs =
      new FakeRemote<String, String>(Ticker.systemTicker(), 1, (id, version) -> "state-" + version)
          .takes(CALL_TIME, CALL_TIME)
          .changesEvery(Duration.ofSeconds(10));
  private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
  private final LongAdder ids = new LongAdder();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  Service() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1_000);
    server.createContext("/", this::serve);
    server.setExecutor(executor);
    server.start();
  }

  URI uri() { return URI.create("http://127.0.0.1:" + server.getAddress().getPort()); }

  long calls(String replica) { return counter(replica).sum(); }

  long ids() { return ids.sum(); }

  private LongAdder counter(String replica) { return calls.computeIfAbsent(replica, name -> new LongAdder()); }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      counter(exchange.getRequestURI().getPath().substring(1)).increment();
      String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      ids.add(question.lines().count());
      StringJoiner lines = new StringJoiner("\n");
      for (Future<String> line : executor.invokeAll(question.lines().map(this::status).toList())) {
        lines.add(line.get());
      }
      byte[] answer = lines.toString().getBytes(UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private Callable<String> status(String id) { return () -> id + " " + jobs.refresh(id, ""); }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
