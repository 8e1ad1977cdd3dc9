package io.autorefresh.redis;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.Connection;

/**
 * Receives the messages of a channel over a connection of its own, which is made again whenever it is lost.
 *
 * <p>A connection can die without a word. So one thread reads, and another sends a ping at each interval; the
 * connection in which nothing came for some intervals, neither an answer nor a message, is given up. Intervals are
 * counted instead of time: a process that stood still for long finds a living connection alive.
 */
final class Subscription {

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int MAX_SILENT = 2;
  private static final long FIRST_PAUSE = 50;
  private static final long LONGEST_PAUSE = 1_000;

  private final String name;
  private final Callable<Connection> connector;
  private final byte[] channel;
  private final Consumer<byte[]> receiver;
  /** Gets the reason of the loss, or null once the subscription holds. */
  private final Consumer<@Nullable Throwable> observer;
  private final Thread reader;
  private final Thread pinger;

  private volatile @Nullable Connection connection;
  private volatile @Nullable Listener listener;
  private volatile int silent;
  private volatile boolean closed;

  Subscription(String name, Callable<Connection> connector, byte[] channel, Consumer<byte[]> receiver,
      Consumer<@Nullable Throwable> observer) {
    this.name = name;
    this.connector = connector;
    this.channel = channel;
    this.receiver = receiver;
    this.observer = observer;
    this.reader = thread("entries", this::read);
    this.pinger = thread("pings", this::ping);
  }

  private Thread thread(String of, Runnable task) {
    return Thread.ofVirtual().inheritInheritableThreadLocals(false).name(name + "/" + of).unstarted(task);
  }

  void start() {
    reader.start();
    pinger.start();
  }

  /** Ends both threads, and waits for them for a moment; not for itself. */
  void close() {
    closed = true;
    disconnect();
    reader.interrupt();
    pinger.interrupt();
    boolean interrupted = false;
    for (Thread thread : new Thread[] {reader, pinger}) {
      try {
        if (thread != Thread.currentThread()) {
          thread.join(INTERVAL);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    long pause = FIRST_PAUSE;
    while (!closed) {
      Listener current = new Listener();
      Throwable cause = null;
      try (Connection made = connector.call()) {
        silent = 0;
        connection = made;
        listener = current;
        if (!closed) {
          current.proceed(made, channel);
        }
      } catch (Throwable t) {
        // Whatever it is, the next connection may be better.
        cause = t;
      }
      listener = null;
      connection = null;
      if (closed) {
        return;
      }
      observer.accept(cause == null ? new IllegalStateException("The server ended the subscription") : cause);
      pause = current.wasSubscribed ? FIRST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
      sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause)));
    }
  }

  private void ping() {
    while (sleep(INTERVAL)) {
      Listener current = listener;
      try {
        if (++silent > MAX_SILENT) {
          disconnect();
        } else if (current != null && current.wasSubscribed) {
          current.ping();
        }
      } catch (RuntimeException e) {
        // The reader finds the connection broken, too.
        disconnect();
      }
    }
  }

  private void disconnect() {
    Connection current = connection;
    if (current != null) {
      try {
        current.forceDisconnect();
      } catch (Exception e) {
        // It is as good as closed.
      }
    }
  }

  /** Returns whether to go on. */
  private boolean sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      // Only close interrupts.
    }
    return !closed;
  }

  private final class Listener extends BinaryJedisPubSub {

    volatile boolean wasSubscribed;

    @Override
    public void onSubscribe(byte[] channel, int subscribedChannels) {
      silent = 0;
      wasSubscribed = true;
      observer.accept(null);
    }

    @Override
    public void onMessage(byte[] channel, byte[] message) {
      receiver.accept(message);
      silent = 0;
    }

    @Override
    public void onPong(byte[] pattern) {
      silent = 0;
    }
  }
}
