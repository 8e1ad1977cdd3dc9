package io.autorefresh.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.autorefresh.testing.ExchangeChecks;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** The checks of the kit on a real server, which is killed, stopped and filled with garbage meanwhile. */
class RedisExchangeKitTest {

  private static final String PREFIX = "kit:";

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

  private static void spoil(String key, String command, String... args) {
    try (Connection connection = server.connect()) {
      connection.executeCommand(new CommandArguments(Command.DEL).add(key));
      connection.executeCommand(new CommandArguments(Command.valueOf(command)).add(key).addObjects((Object[]) args));
      for (String message : new String[] {"", "garbage", "\1", "\1nobodyss\0\0\0\1x", "\2nobodyss", "\1nobodyss\177\0\0\0"}) {
        connection.executeCommand(
            new CommandArguments(Command.PUBLISH).add(PREFIX + "entries").add(message.getBytes(UTF_8)));
      }
    }
  }
}
