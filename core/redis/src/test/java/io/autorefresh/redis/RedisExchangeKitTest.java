package io.autorefresh.redis;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.autorefresh.testing.ExchangeChecks;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;

/** The checks of the kit on a real server, which is killed, stopped and filled with garbage meanwhile. */
class RedisExchangeKitTest {

  private static final String PREFIX = "kit:";

  private static final List<String> MESSAGES =
      List.of("", "garbage", "\1", "\1nobodyss\0\0\0\1x", "\2nobodyss", "\1nobodyss\177\0\0\0");

  private static RedisServer server;

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

  @TestFactory
  Stream<DynamicTest> checks() {
    return new ExchangeChecks(() -> RedisExchange.builder(server.uri(), PREFIX).build())
        .flush(server::flush)
        .restart(server::restart)
        .hang(server::hang, server::goOn)
        .garbage(id -> spoil(PREFIX + id, "SET", "garbage"))
        .garbage(id -> spoil(PREFIX + id, "HSET", "f", "2", "a", "x", "v", "1e999", "h", "nobody", "u", "1e999"))
        .garbage(id -> spoil(PREFIX + id, "HSET", "f", "1", "a", "nan", "v", "-1", "u", "99999999999999"))
        .garbage(id -> spoil(PREFIX + id, "HSET", "f", "1", "a", "1", "v", "1"))
        .checks()
        .stream()
        .map(check -> dynamicTest(check.name(), check::run));
  }

  @TestFactory
  Stream<DynamicTest> ofAClient() {
    RedisClient client = RedisClient.create(server.uri());
    return new ExchangeChecks(() -> RedisExchange.builder(client, "client:").build()).checks().stream()
        .map(check -> dynamicTest(check.name(), check::run))
        .onClose(client::close);
  }

  @TestFactory
  Stream<DynamicTest> inTheOlderProtocol() {
    JedisClientConfig resp2 = DefaultJedisClientConfig.builder().resp2().build();
    return new ExchangeChecks(() -> RedisExchange.builder(server.address(), resp2, "resp2:").build())
        .hang(server::hang, server::goOn)
        .checks()
        .stream()
        .map(check -> dynamicTest(check.name(), check::run));
  }

  private static void spoil(String key, String command, Object... args) {
    server.send("DEL", key);
    server.send(command, Stream.concat(Stream.of(key), Stream.of(args)).toArray());
    for (String message : MESSAGES) {
      server.send("PUBLISH", PREFIX + "entries", message);
    }
  }
}
