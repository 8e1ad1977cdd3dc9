package io.autorefresh.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Answer.Ask;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Want;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Users of the server, and TLS. */
@Timeout(60)
class RedisSecurityTest {

  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final String PASSWORD = "changeit";

  private static Answer claim(RedisExchange exchange, String id) throws Exception {
    return exchange.claim(List.of(new Want(id, Duration.ZERO)), DEADLINE, DEADLINE).answers().getFirst();
  }

  private static void publish(RedisExchange exchange, Kind kind) throws Exception {
    long now = exchange.claim(List.of(), DEADLINE, DEADLINE).now();
    exchange.publish(List.of(new Entry("x", kind, now, 1, new byte[1], Duration.ZERO)), DEADLINE, DEADLINE);
  }

  private static void awaitConnection(RedisExchange exchange) throws InterruptedException {
    while (!exchange.isConnected()) {
      Thread.sleep(2);
    }
  }

  @Test
  void user_withTheRightsOfTheReadme_canShare_andNothingElse() throws Exception {
    Matcher line = Pattern.compile("ACL (SETUSER refresh .*)").matcher(Files.readString(Path.of("../../README.md")));
    assertThat(line.find()).isTrue();
    try (RedisServer server = RedisServer.start()) {
      server.send("ACL", (Object[]) line.group(1).split(" "));
      URI uri = URI.create(server.uri().toString().replace("//", "//refresh:secret@"));
      try (RedisExchange one = RedisExchange.builder(uri, "jobs:").build();
          RedisExchange two = RedisExchange.builder(uri, "jobs:").build();
          RedisExchange other = RedisExchange.builder(uri, "other:").build()) {
        Recorder recorder = new Recorder();
        two.subscribe(recorder);
        awaitConnection(two);
        for (Kind kind : Kind.values()) {
          assertThat(claim(one, "x")).isEqualTo(new Ask());
          publish(one, kind);
          assertThat(recorder.entries.poll(20, SECONDS)).isNotNull().extracting(Entry::kind).isEqualTo(kind);
        }
        server.send("SET", "jobs:garbage", "garbage");
        assertThat(claim(one, "garbage")).isEqualTo(new Ask());
        assertThatThrownBy(() -> claim(other, "x")).isInstanceOf(JedisDataException.class).hasMessageContaining("NOPERM");
        assertThatThrownBy(() -> publish(other, Kind.UPDATED)).isInstanceOf(JedisDataException.class);
      }
    }
  }

  @Test
  void tls_isAsJedisHasIt(@TempDir Path directory) throws Exception {
    Path keys = directory.resolve("keys.p12");
    Process keytool = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "server",
        "-keyalg", "RSA", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-keystore", keys.toString(),
        "-storepass", PASSWORD).redirectErrorStream(true).start();
    keytool.getInputStream().transferTo(OutputStream.nullOutputStream());
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
    Path key = pem(directory, "PRIVATE KEY", store.getKey("server", PASSWORD.toCharArray()).getEncoded());
    Path certificate = pem(directory, "CERTIFICATE", store.getCertificate("server").getEncoded());
    SslOptions trust = SslOptions.builder().truststore(keys.toFile(), PASSWORD.toCharArray()).build();
    int tlsPort = RedisServer.freePort();
    HostAndPort tls = new HostAndPort("127.0.0.1", tlsPort);
    try (RedisServer server = RedisServer.start(
            "--tls-port", "" + tlsPort, "--tls-cert-file", certificate.toString(), "--tls-key-file", key.toString(),
            "--tls-auth-clients", "no");
        RedisExchange trusting = RedisExchange.builder(
            tls, DefaultJedisClientConfig.builder().sslOptions(trust).build(), "jobs:").build();
        RedisExchange distrusting = RedisExchange.builder(
            URI.create("rediss://" + tls), "jobs:").build()) {
      trusting.subscribe(new Recorder());
      awaitConnection(trusting);
      assertThat(claim(trusting, "x")).isEqualTo(new Ask());
      assertThatThrownBy(() -> claim(distrusting, "x")).isInstanceOf(JedisConnectionException.class);
    }
  }

  private static Path pem(Path directory, String kind, byte[] bytes) throws Exception {
    String text = Base64.getMimeEncoder().encodeToString(bytes);
    return Files.writeString(
        directory.resolve(kind), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  @Test
  void settings_outOfTheirBounds_areRefused() {
    URI uri = URI.create("redis://127.0.0.1:6379");
    assertThatIllegalArgumentException().isThrownBy(() -> RedisExchange.builder(uri, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> RedisExchange.builder(uri, "x").maxValueSize(0));
    assertThatIllegalArgumentException().isThrownBy(() -> RedisExchange.builder(URI.create("127.0.0.1:6379"), "x"));
  }
}
