package io.autorefresh.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;

/** A server of the test's own, on a free port of the loopback interface. Ended by its process id. */
public final class RedisServer implements AutoCloseable {

  private final String program;
  private final String[] options;
  private final Path directory;
  private final int port;
  private Process process;

  private RedisServer(String program, String... options) throws Exception {
    this.program = program;
    this.options = options;
    this.directory = Files.createTempDirectory("autorefresh-redis");
    this.port = freePort();
    begin();
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** Starts a server, or skips the test where there is none, unless the build requires it. */
  public static RedisServer start(String... options) throws Exception {
    Optional<String> program = Stream.of("redis-server", "valkey-server").flatMap(RedisServer::find).findFirst();
    String how = "This needs redis-server or valkey-server on the PATH: apt-get install redis-server";
    if (Boolean.getBoolean("redis.required") && program.isEmpty()) {
      throw new AssertionError(how);
    }
    assumeTrue(program.isPresent(), how);
    return new RedisServer(program.get(), options);
  }

  private static Stream<String> find(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .map(Path::toString);
  }

  /** Starts it, again on the same port, and waits until it answers. */
  public void begin() throws Exception {
    List<String> command = new ArrayList<>(List.of(
        program, "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
        directory.toString(), "--maxclients", "500"));
    command.addAll(List.of(options));
    process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!answers()) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new AssertionError("redis-server did not start: " + Files.readString(directory.resolve("log")));
      }
      Thread.sleep(10);
    }
  }

  private boolean answers() {
    try (Connection connection = new Connection(address())) {
      connection.connect();
      return connection.isConnected();
    } catch (RuntimeException e) {
      return false;
    }
  }

  HostAndPort address() { return new HostAndPort("127.0.0.1", port); }

  public URI uri() { return URI.create("redis://127.0.0.1:" + port); }

  /** A connection that may send anything. */
  Connection connect() { return new Connection(address()); }

  public void kill() throws Exception {
    process.destroyForcibly().waitFor();
  }

  void restart() throws Exception {
    kill();
    begin();
  }

  void hang() throws Exception {
    signal("STOP");
  }

  void goOn() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " failed");
    }
  }

  void flush() {
    send("FLUSHALL");
  }

  /** Sends any command over a connection of its own, and returns the answer. */
  Object send(String command, Object... args) {
    try (Connection connection = connect()) {
      return connection.executeCommand(
          new CommandArguments(() -> command.getBytes(UTF_8)).addObjects(args));
    }
  }

  /** Returns a number of the server's statistics, or of a part of their line. */
  long info(String section, String name) {
    String text = new String((byte[]) send("INFO", section), UTF_8);
    Matcher line = Pattern.compile(Pattern.quote(name) + "[:=](\\d+)").matcher(text);
    return line.find() ? Long.parseLong(line.group(1)) : 0;
  }

  @Override
  public void close() throws Exception {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(RedisServer::delete);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
