package io.autorefresh.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Answer.Ask;
import io.autorefresh.share.Exchange.Answer.Take;
import io.autorefresh.share.Exchange.Answer.Wait;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Want;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** What is special about the exchange over Redis, beside what the kit checks of every exchange. */
@Timeout(60)
class RedisExchangeTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private static RedisServer server;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final String prefix = UUID.randomUUID() + ":";

  @BeforeAll
  static void start() throws Exception {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private <C extends AutoCloseable> C open(C closeable) {
    opened.add(closeable);
    return closeable;
  }

  private RedisExchange exchange() { return open(RedisExchange.builder(server.uri(), prefix).build()); }

  /** Subscribes, and waits until entries come. */
  private static Recorder subscribed(RedisExchange exchange) throws Exception {
    Recorder recorder = new Recorder();
    exchange.subscribe(recorder);
    await(exchange::isConnected);
    return recorder;
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      Thread.sleep(2);
    }
  }

  private static Answer claim(RedisExchange exchange, String id) throws Exception {
    return exchange.claim(List.of(new Want(id, HOUR)), MINUTE, DEADLINE).answers().getFirst();
  }

  private static long now(RedisExchange exchange) throws Exception {
    return exchange.claim(List.of(), MINUTE, DEADLINE).now();
  }

  private static Entry updated(String id, long asOf, int size) {
    return new Entry(id, Kind.UPDATED, asOf, asOf, new byte[size], null);
  }

  private static void publish(RedisExchange exchange, Entry... entries) throws Exception {
    exchange.publish(List.of(entries), MINUTE, DEADLINE);
  }

  private static Entry next(Recorder recorder) throws InterruptedException {
    return Objects.requireNonNull(recorder.entries.poll(20, SECONDS), "No entry came");
  }

  @Test
  void P6_versionInMicroseconds_comesAsItIs() throws Exception {
    RedisExchange publisher = exchange();
    Recorder recorder = subscribed(exchange());
    long now = now(publisher);
    Entry entry = new Entry("x", Kind.UPDATED, now, now * 1_000 + 7, new byte[1], null);

    publish(publisher, entry);

    assertThat(next(recorder).version()).isEqualTo(entry.version());
    assertThat(claim(publisher, "x"))
        .isInstanceOfSatisfying(Answer.Take.class, take -> assertThat(take.entry().version()).isEqualTo(entry.version()));
  }

  // P9: what it costs

  @Test
  void P9_claimAndPublicationOf100_areOneRoundTripEach() throws Exception {
    Proxy proxy = open(new Proxy(server.address()));
    RedisExchange exchange = open(
        RedisExchange.builder(proxy.address(), DefaultJedisClientConfig.builder().build(), prefix).build());
    List<Want> wants = IntStream.range(0, 100).mapToObj(i -> new Want("item-" + i, Duration.ZERO)).toList();
    List<Entry> entries = wants.stream().map(want -> updated(want.id(), 1, 100)).toList();
    exchange.claim(wants, MINUTE, DEADLINE);
    exchange.publish(entries, MINUTE, DEADLINE);

    int before = proxy.turns();
    for (int i = 0; i < 10; i++) {
      exchange.claim(wants, MINUTE, DEADLINE);
      exchange.publish(entries, MINUTE, DEADLINE);
    }
    assertThat(proxy.turns() - before).isEqualTo(20);
  }

  @Test
  void P9_unchangedEntry_takesAtMost40BytesBeyondItsId() throws Exception {
    Proxy toPublisher = open(new Proxy(server.address()));
    Proxy toReceiver = open(new Proxy(server.address()));
    DefaultJedisClientConfig config = DefaultJedisClientConfig.builder().build();
    RedisExchange publisher = open(RedisExchange.builder(toPublisher.address(), config, "jobs:").build());
    RedisExchange receiver = open(RedisExchange.builder(toReceiver.address(), config, "jobs:").build());
    Recorder recorder = subscribed(receiver);
    long now = now(publisher);
    List<Entry> updated = new ArrayList<>();
    List<Entry> unchanged = new ArrayList<>();
    long bytesOfIds = 0;
    for (int i = 0; i < 100; i++) {
      String id = UUID.randomUUID().toString();
      bytesOfIds += id.length();
      updated.add(updated(id, now, 1_000));
      unchanged.add(new Entry(id, Kind.UNCHANGED, now, now, null, null));
    }
    publisher.publish(updated, MINUTE, DEADLINE);
    for (int i = 0; i < 100; i++) {
      next(recorder);
    }

    long sentBefore = toPublisher.sent();
    long receivedBefore = toReceiver.received();
    publisher.publish(unchanged, MINUTE, DEADLINE);
    for (int i = 0; i < 100; i++) {
      assertThat(next(recorder)).isEqualTo(unchanged.get(i));
    }
    double sent = (toPublisher.sent() - sentBefore - bytesOfIds) / 100.0;
    double received = (toReceiver.received() - receivedBefore - bytesOfIds) / 100.0;
    System.out.printf("P9: %.1f bytes beyond the id to the server, %.1f to each other JVM%n", sent, received);
    assertThat(sent).isLessThanOrEqualTo(40);
    assertThat(received).isLessThanOrEqualTo(40);
  }

  @Test
  void keys_expireByThemselves() throws Exception {
    RedisExchange exchange = exchange();
    exchange.claim(List.of(new Want("claimed", HOUR)), Duration.ofMillis(100), DEADLINE);
    exchange.publish(List.of(
        updated("updated", now(exchange), 1),
        new Entry("deleted", Kind.DELETED, now(exchange), 1, null, null),
        new Entry("failed", Kind.FAILED, now(exchange), 1, null, Duration.ofMillis(100))),
        Duration.ofMillis(100), DEADLINE);
    await(() -> ((List<?>) server.send("KEYS", prefix + "*")).isEmpty());
  }

  // Limits

  @Test
  void valueOverTheLimit_isNotShared_andEndsTheLease() throws Exception {
    RedisExchange small = open(RedisExchange.builder(server.uri(), prefix).maxValueSize(10).build());
    RedisExchange other = exchange();
    Recorder recorder = subscribed(other);
    assertThat(claim(small, "x")).isEqualTo(new Ask());
    publish(small, updated("x", now(small), 11), updated("y", now(small), 10));
    assertThat(small.refusedCount()).isOne();
    assertThat(claim(other, "x")).isEqualTo(new Ask());
    assertThat(claim(other, "y")).isInstanceOf(Take.class);
    assertThat(List.of(next(recorder).kind(), next(recorder).kind())).containsExactly(Kind.FAILED, Kind.UPDATED);
  }

  @Test
  void valueOfOthers_overTheLimit_isRefused() throws Exception {
    RedisExchange small = open(RedisExchange.builder(server.uri(), prefix).maxValueSize(10).build());
    RedisExchange other = exchange();
    Recorder recorder = subscribed(small);
    publish(other, updated("x", now(other), 11), updated("y", now(other), 10));
    assertThat(next(recorder).id()).isEqualTo("y");
    assertThat(small.refusedCount()).isOne();
    assertThat(claim(small, "x")).isEqualTo(new Ask());
    assertThat(small.refusedCount()).isEqualTo(2);
  }

  @Test
  void manyLargeValues_comeInSeveralAnswers() throws Exception {
    RedisExchange exchange = exchange();
    List<Want> wants = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      wants.add(new Want("x" + i, HOUR));
    }
    long now = now(exchange);
    exchange.publish(wants.stream().map(want -> updated(want.id(), now, 1 << 20)).toList(), MINUTE, DEADLINE);
    int rounds = 0;
    while (!wants.isEmpty()) {
      List<Answer> answers = exchange.claim(wants, MINUTE, DEADLINE).answers();
      assertThat(answers).allMatch(answer -> answer instanceof Take || answer.equals(new Wait(Duration.ofMillis(1))));
      List<Want> left = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i) instanceof Wait) {
          left.add(wants.get(i));
        }
      }
      assertThat(wants.size() - left.size()).isBetween(1, 4);
      wants = left;
      rounds++;
    }
    assertThat(rounds).isEqualTo(3);
  }

  @Test
  void entriesOfAnotherFormat_areRefusedAndCounted() throws Exception {
    RedisExchange exchange = exchange();
    Recorder recorder = subscribed(exchange);
    server.send("HSET", prefix + "x", "f", "2", "a", "1", "v", "1", "d", "newer");
    assertThat(claim(exchange, "x")).isEqualTo(new Ask());
    assertThat(exchange.refusedCount()).isOne();
    server.send("PUBLISH", prefix + "entries", "\2newer");
    await(() -> exchange.refusedCount() == 2);
    Entry entry = updated("x", now(exchange), 1);
    publish(exchange(), entry);
    assertThat(next(recorder).id()).isEqualTo("x");
    assertThat(claim(exchange, "x")).isInstanceOf(Take.class);
    assertThat(exchange.refusedCount()).isEqualTo(2);
  }

  // The server

  @Test
  void scriptsThatTheServerForgot_areSentAgain() throws Exception {
    RedisExchange exchange = exchange();
    now(exchange);
    server.send("SCRIPT", "FLUSH");
    assertThat(claim(exchange, "x")).isEqualTo(new Ask());
    publish(exchange, updated("x", now(exchange), 1));
    assertThat(claim(exchange, "x")).isInstanceOf(Take.class);
  }

  @Test
  void errorOfTheServer_isThrown_andTheConnectionStays() throws Exception {
    RedisExchange exchange = exchange();
    now(exchange);
    long connections = server.info("stats", "total_connections_received");
    server.send("CONFIG", "SET", "maxmemory", "1");
    try {
      assertThatThrownBy(() -> claim(exchange, "x")).isInstanceOf(JedisDataException.class).hasMessageContaining("OOM");
    } finally {
      server.send("CONFIG", "SET", "maxmemory", "0");
    }
    assertThat(claim(exchange, "x")).isEqualTo(new Ask());
    // Those of the test itself: two settings, and this question.
    assertThat(server.info("stats", "total_connections_received") - connections).isEqualTo(3);
  }

  @Test
  void idleConnectionThatTheServerClosed_costsNoCall() throws Exception {
    RedisExchange exchange = exchange();
    now(exchange);
    server.send("CLIENT", "KILL", "TYPE", "normal");
    assertThat(claim(exchange, "x")).isEqualTo(new Ask());
  }

  @Test
  void serverThatHangs_isLeftAfterTheDeadline_byAnyThread() throws Exception {
    RedisExchange exchange = exchange();
    now(exchange);
    server.hang();
    try {
      assertThatThrownBy(() -> exchange.claim(List.of(), MINUTE, Duration.ofMillis(100)))
          .isInstanceOf(JedisConnectionException.class);
    } finally {
      server.goOn();
    }
    assertThat(claim(exchange, "x")).isEqualTo(new Ask());
  }

  @Test
  void serverThatIsNotThereYet_isFoundLater() throws Exception {
    server.kill();
    RedisExchange exchange = exchange();
    Recorder recorder = new Recorder();
    try {
      exchange.subscribe(recorder);
      assertThatThrownBy(() -> claim(exchange, "x")).isInstanceOf(JedisConnectionException.class);
    } finally {
      server.begin();
    }
    await(exchange::isConnected);
    Entry entry = new Entry("x", Kind.UNCHANGED, now(exchange), 1, null, null);
    publish(exchange(), entry);
    assertThat(next(recorder)).isEqualTo(entry);
    assertThat(recorder.interruptions).hasValue(0);
  }

  @Test
  void subscriptionThatDiesSilently_isNoticed_andMadeAgain() throws Exception {
    Proxy proxy = open(new Proxy(server.address()));
    RedisExchange exchange = open(
        RedisExchange.builder(proxy.address(), DefaultJedisClientConfig.builder().build(), prefix).build());
    Recorder recorder = subscribed(exchange);
    proxy.swallow();
    await(() -> recorder.interruptions.get() == 1 && exchange.isConnected());
    Entry entry = new Entry("x", Kind.UNCHANGED, 1, 1, null, null);
    publish(exchange(), entry);
    assertThat(next(recorder)).isEqualTo(entry);
  }

  @Test
  void silentSubscription_thatAnswersPings_isKept() throws Exception {
    RedisExchange exchange = exchange();
    Recorder recorder = subscribed(exchange);
    await(() -> server.info("commandstats", "cmdstat_ping:calls") >= 6);
    assertThat(recorder.interruptions).hasValue(0);
    assertThat(exchange.isConnected()).isTrue();
  }
}
