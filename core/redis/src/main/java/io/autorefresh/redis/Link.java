package io.autorefresh.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A connection of its own, for one script at a time. It is made when it is needed, and given up when a call failed, as
 * its answer could come later. So no pool lets a call wait, and each call has a time-out of its own.
 *
 * <p>A connection that the server or something in between has closed meanwhile costs no call: that is tried once more
 * on a new one.
 */
final class Link {

  private final Callable<Connection> connector;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Connection connection;
  private volatile boolean closed;

  Link(Callable<Connection> connector) {
    this.connector = connector;
  }

  Object run(Script script, List<byte[]> keys, List<byte[]> args, Duration deadline) throws Exception {
    refuseIfClosed();
    long end = System.nanoTime() + deadline.toNanos();
    if (!lock.tryLock(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("Another call has not ended");
    }
    try {
      boolean isNew = connection == null;
      try {
        return attempt(script, keys, args, end);
      } catch (JedisConnectionException e) {
        boolean inVain = isNew || closed || Thread.currentThread().isInterrupted();
        if (inVain || e.getCause() instanceof SocketTimeoutException) {
          throw e;
        }
        return attempt(script, keys, args, end);
      }
    } finally {
      lock.unlock();
    }
  }

  private Object attempt(Script script, List<byte[]> keys, List<byte[]> args, long end) throws Exception {
    Connection current = connection;
    if (current == null) {
      current = connector.call();
      connection = current;
    }
    boolean usable = false;
    try {
      refuseIfClosed();
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      // Zero would be for ever.
      current.setSoTimeout(Math.clamp(left, 1, Integer.MAX_VALUE));
      Object answer = script.run(current, keys, args);
      usable = true;
      return answer;
    } catch (JedisDataException e) {
      // The server has answered: with an error.
      usable = true;
      throw e;
    } finally {
      if (!usable) {
        connection = null;
        disconnect(current);
      }
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new IllegalStateException("The exchange is closed");
    }
  }

  /** Ends a running call, too. Does not wait for it. */
  void close() {
    closed = true;
    Connection current = connection;
    if (current != null) {
      disconnect(current);
    }
  }

  private static void disconnect(Connection connection) {
    try {
      connection.forceDisconnect();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }
}
