package io.autorefresh.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.HostAndPort;

/** A network between client and server: it counts what goes through, and may swallow it. */
final class Proxy implements AutoCloseable {

  private final HostAndPort server;
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicInteger turns = new AtomicInteger();
  /** Whether what came last came from the server: then more from a client begins a round trip. */
  private volatile boolean answered = true;
  private volatile boolean swallowing;

  Proxy(HostAndPort server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  HostAndPort address() { return new HostAndPort("127.0.0.1", listener.getLocalPort()); }

  /** The bytes from clients so far. */
  long sent() { return sent.get(); }

  /** The bytes from the server so far. */
  long received() { return received.get(); }

  /** The round trips so far, where one client is busy at a time. */
  int turns() { return turns.get(); }

  /** Nothing goes through the connections of now any more, and none is closed. New ones do what they should. */
  void swallow() {
    swallowing = true;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket target = new Socket(server.getHost(), server.getPort());
        sockets.addAll(List.of(client, target));
        boolean first = !swallowing;
        Thread.startVirtualThread(() -> pump(client, target, first, true));
        Thread.startVirtualThread(() -> pump(target, client, first, false));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void pump(Socket from, Socket to, boolean swallowable, boolean request) {
    byte[] buffer = new byte[65_536];
    try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
      for (int length; (length = in.read(buffer)) >= 0; ) {
        (request ? sent : received).addAndGet(length);
        if (request && answered) {
          turns.incrementAndGet();
        }
        answered = !request;
        if (!(swallowable && swallowing)) {
          out.write(buffer, 0, length);
        }
      }
    } catch (IOException e) {
      // One of both has closed.
    } finally {
      sockets.removeAll(List.of(from, to));
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
