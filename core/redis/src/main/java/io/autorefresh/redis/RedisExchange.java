package io.autorefresh.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.share.Exchange;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Shares the refresh work through one Redis (6.2 or later) or Valkey server. The JVMs whose caches keep the same items
 * use the same prefix: {@code prefix + id} is the key of an item, {@code prefix + "entries"} the channel on which new
 * entries are passed on. Keys expire by themselves.
 *
 * <p>A claim is one round trip, and so is a publication of up to 1,000 entries and 4 MiB. Each exchange has three
 * connections of its own, made when they are needed and made again when they are lost; it takes none from a pool. The
 * one of the subscription is pinged every second.
 *
 * <p><b>Time-outs.</b> A read from the server takes at most the deadline of the call; a virtual thread that is
 * interrupted, as a cache does at the deadline, closes the connection and returns at once. Connecting takes at most the
 * time-outs of the client's settings; from a URI, a second each.
 *
 * <p><b>Security.</b> A client that may write to the keys or the channel of the prefix changes values in every JVM.
 * Give the prefix a user of its own, and use TLS where others can listen. What it cannot understand (a newer format, a
 * key of another type, a message of somebody else) it refuses, counts and logs once. A message is read whole before it
 * is refused.
 *
 * <p>The clock is that of the server. Where it is set back, or a replica whose clock is behind takes over, entries of
 * the future count as absent: that costs calls and no freshness. Sentinel and cluster mode are not supported.
 *
 * <p>Safe for use by many threads; claims wait for each other, and so do publications.
 */
public final class RedisExchange implements Exchange {

  private static final Logger LOGGER = System.getLogger("io.autorefresh.redis");
  private static final Duration TIME_OUT = Duration.ofSeconds(1);
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);
  private static final int MAX_ENTRIES = 1_000;
  private static final int MAX_BYTES = 4 << 20;

  /** Settings of an exchange. */
  public static final class Builder {

    private final Callable<Connection> connector;
    private final String prefix;
    private int maxValueSize = 1 << 20;

    private Builder(Callable<Connection> connector, String prefix) {
      this.connector = connector;
      this.prefix = Objects.requireNonNull(prefix, "prefix");
      if (prefix.isEmpty()) {
        throw new IllegalArgumentException("The prefix is empty");
      }
    }

    /**
     * Sets how large a value may be. A larger one is not shared: each JVM asks the remote for it.
     *
     * @param bytes one or more; a mebibyte by default
     * @return this
     */
    public Builder maxValueSize(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxValueSize must be 1 or more, but it is " + bytes);
      }
      maxValueSize = bytes;
      return this;
    }

    /**
     * Returns the exchange. Connects to nothing yet.
     *
     * @return an exchange for one cache, which closes it
     */
    public RedisExchange build() { return new RedisExchange(this); }
  }

  private final Callable<Connection> connector;
  private final String prefix;
  private final int maxValueSize;
  private final byte[] channel;
  private final byte[] node = new byte[Format.NODE_LENGTH];
  private final Link claims;
  private final Link publications;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong oversized = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private @Nullable Subscription subscription;
  private boolean closed;

  /** How it is with the subscription: what was logged last. */
  private volatile boolean connected;
  private volatile boolean lossLogged;
  private volatile @Nullable Receiver receiver;

  private RedisExchange(Builder builder) {
    connector = builder.connector;
    prefix = builder.prefix;
    maxValueSize = builder.maxValueSize;
    channel = bytes(prefix + "entries");
    claims = new Link(connector);
    publications = new Link(connector);
    new SecureRandom().nextBytes(node);
  }

  /**
   * Begins an exchange over the server of a URI: {@code redis[s]://[user:password@]host:port[/database]}.
   *
   * @param uri of the server
   * @param prefix of the keys and the channel, not empty
   * @return its settings
   */
  public static Builder builder(URI uri, String prefix) {
    JedisClientConfig config = DefaultJedisClientConfig.builder(uri).timeoutMillis((int) TIME_OUT.toMillis()).build();
    return builder(JedisURIHelper.getHostAndPort(uri), config, prefix);
  }

  /**
   * Begins an exchange over a server, with all that Jedis can be set to: TLS, credentials, time-outs.
   *
   * @param server host and port
   * @param config of each of the three connections
   * @param prefix of the keys and the channel, not empty
   * @return its settings
   */
  public static Builder builder(HostAndPort server, JedisClientConfig config, String prefix) {
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(config, "config");
    return new Builder(() -> new Connection(server, config), prefix);
  }

  /**
   * Begins an exchange over the server of a client. Its connections are made as those of the client's pool are, with
   * the same settings, and stay outside the pool. The client is not closed.
   *
   * @param client with a pool
   * @param prefix of the keys and the channel, not empty
   * @return its settings
   */
  public static Builder builder(RedisClient client, String prefix) {
    var factory = client.getPool().getFactory();
    return new Builder(() -> factory.makeObject().getObject(), prefix);
  }

  @Override
  public Claims claim(List<Want> wants, Duration lease, Duration deadline) throws Exception {
    List<byte[]> keys = new ArrayList<>(wants.size());
    ByteArrayOutputStream ages = new ByteArrayOutputStream(6 * wants.size());
    for (Want want : wants) {
      keys.add(key(want.id()));
      Format.put(Math.min(want.maxAge().getSeconds(), 1L << 37) * 1_000 + want.maxAge().toMillisPart(), 6, ages);
    }
    long millis = lease.compareTo(LONGEST_LEASE) < 0 ? Math.max(1, lease.toMillis()) : LONGEST_LEASE.toMillis();
    List<byte[]> args = List.of(node, bytes(millis), bytes(maxValueSize), ages.toByteArray());
    List<?> reply = (List<?>) claims.run(Script.CLAIM, keys, args, deadline);
    if ((Long) reply.get(1) > 0) {
      refuse((Long) reply.get(1), "keys under " + prefix + " hold what is no entry of this format", null);
    }
    List<Answer> answers = new ArrayList<>(wants.size());
    for (int i = 0; i < wants.size(); i++) {
      answers.add(answer(wants.get(i).id(), reply.get(i + 2)));
    }
    return new Claims((Long) reply.get(0), answers);
  }

  private static Answer answer(String id, Object reply) {
    if (reply instanceof List<?> stored) {
      byte[] value = (byte[]) stored.get(2);
      return new Answer.Take(new Entry(id, Kind.UPDATED, (Long) stored.get(0), (Long) stored.get(1), value, null));
    }
    long millis = (Long) reply;
    return millis == 0 ? new Answer.Ask() : new Answer.Wait(Duration.ofMillis(millis));
  }

  @Override
  public void publish(List<Entry> entries, Duration timeToLive, Duration deadline) throws Exception {
    long end = System.nanoTime() + deadline.toNanos();
    List<byte[]> keys = new ArrayList<>();
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      Entry allowed = allowed(entry);
      int size = allowed.value() == null ? 0 : allowed.value().length;
      if (keys.size() == MAX_ENTRIES || !keys.isEmpty() && records.size() + size > MAX_BYTES) {
        publish(keys, records, timeToLive, end);
        keys = new ArrayList<>();
        records.reset();
      }
      keys.add(key(allowed.id()));
      Format.write(allowed, records);
    }
    if (!keys.isEmpty()) {
      publish(keys, records, timeToLive, end);
    }
  }

  /** One that is too large only ends the lease. */
  private Entry allowed(Entry entry) {
    if (entry.value() == null || entry.value().length <= maxValueSize) {
      return entry;
    }
    refused.incrementAndGet();
    if (oversized.getAndIncrement() == 0) {
      LOGGER.log(Level.WARNING, this + ": the value of " + entry.id() + " has " + entry.value().length
          + " bytes and is not shared; others that are too large are counted only");
    }
    return new Entry(entry.id(), Kind.FAILED, entry.asOf(), entry.version(), null, Duration.ZERO);
  }

  private void publish(List<byte[]> keys, ByteArrayOutputStream records, Duration timeToLive, long end)
      throws Exception {
    List<byte[]> args = List.of(
        node,
        channel,
        bytes(key("").length),
        bytes(Math.max(1, timeToLive.toMillis())),
        records.toByteArray());
    Object lost = publications.run(Script.PUBLISH, keys, args, Duration.ofNanos(end - System.nanoTime()));
    Receiver current = receiver;
    if ((Long) lost > 0 && current != null) {
      current.interrupted();
    }
  }

  @Override
  public void subscribe(Receiver receiver) {
    Objects.requireNonNull(receiver, "receiver");
    lock.lock();
    try {
      if (closed || subscription != null) {
        throw new IllegalStateException(closed ? "The exchange is closed" : "The exchange has its receiver already");
      }
      this.receiver = receiver;
      subscription = new Subscription("redis " + prefix, connector, channel,
          message -> receive(message, receiver), lost -> observe(lost, receiver));
      subscription.start();
    } finally {
      lock.unlock();
    }
  }

  private void receive(byte[] message, Receiver receiver) {
    List<Entry> entries;
    try {
      entries = Format.read(message, node);
    } catch (RuntimeException e) {
      refuse(1, "a message on " + prefix + "entries is none of this format", e);
      return;
    }
    List<Entry> allowed = entries.stream()
        .filter(entry -> entry.value() == null || entry.value().length <= maxValueSize)
        .toList();
    if (allowed.size() < entries.size()) {
      refuse(entries.size() - allowed.size(), "values of more than " + maxValueSize + " bytes came", null);
    }
    if (!allowed.isEmpty()) {
      receiver.received(allowed);
    }
  }

  private void refuse(long count, String what, @Nullable Throwable thrown) {
    if (refused.getAndAdd(count) == 0) {
      LOGGER.log(Level.WARNING, this + ": " + what + "; that is ignored, and more of it only counted", thrown);
    }
  }

  /** The subscription was lost, or could not be made; or it holds. Called by its thread. */
  private void observe(@Nullable Throwable lost, Receiver receiver) {
    boolean wasConnected = connected;
    connected = lost == null;
    if (lost != null && !lossLogged) {
      lossLogged = true;
      LOGGER.log(Level.WARNING, this + ": no entries come from the server: " + lost);
    } else if (lost == null && lossLogged) {
      lossLogged = false;
      LOGGER.log(Level.INFO, this + ": entries come again");
    }
    if (wasConnected && lost != null) {
      receiver.interrupted();
    }
  }

  /**
   * Returns how much was refused: values that were too large, messages and keys of no or of another format.
   *
   * @return their number since the exchange was made
   */
  public long refusedCount() { return refused.get(); }

  /**
   * Returns whether entries of other caches come at present, as far as that is known.
   *
   * @return whether the subscription holds
   */
  public boolean isConnected() { return connected; }

  /** Ends the subscription and running calls, closes the connections, and returns within some seconds. Idempotent. */
  @Override
  public void close() {
    Subscription ended;
    lock.lock();
    try {
      closed = true;
      ended = subscription;
    } finally {
      lock.unlock();
    }
    claims.close();
    publications.close();
    if (ended != null) {
      ended.close();
    }
    connected = false;
  }

  @Override
  public String toString() { return "RedisExchange[" + prefix + "]"; }

  private byte[] key(String id) { return bytes(prefix + id); }

  private static byte[] bytes(Object text) { return text.toString().getBytes(UTF_8); }
}
