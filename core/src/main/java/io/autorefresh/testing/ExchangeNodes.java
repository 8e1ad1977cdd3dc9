package io.autorefresh.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.share.Exchange;
import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Claims;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Receiver;
import io.autorefresh.share.Exchange.Want;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The exchanges of one check, each with a receiver that notes what comes. Closes them. */
final class ExchangeNodes implements AutoCloseable {

  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
  /** Of calls that are to be answered: generous, as machines are busy. */
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  /** Of calls that are not. */
  private static final Duration SHORT_DEADLINE = Duration.ofMillis(300);

  interface Condition {
    boolean holds() throws Exception;
  }

  interface Call<T> {
    T with(Node node) throws Exception;
  }

  private final Callable<? extends Exchange> connect;
  private final Duration limit;
  private final List<Exchange> open = new CopyOnWriteArrayList<>();
  /** Of the entries that this check has published. */
  private final Set<String> ids = ConcurrentHashMap.newKeySet();

  ExchangeNodes(Callable<? extends Exchange> connect, Duration limit) {
    this.connect = connect;
    this.limit = limit;
  }

  @Override
  public void close() {
    open.forEach(Exchange::close);
  }

  Exchange connectUnsubscribed() throws Exception {
    Exchange exchange = connect.call();
    open.add(exchange);
    return exchange;
  }

  /** Connects and subscribes one more, without looking whether entries come. */
  Node connectAtOnce() throws Exception {
    Node node = new Node(connectUnsubscribed());
    node.exchange.subscribe(node);
    return node;
  }

  /** Connects one more, to which entries come. */
  Node connect() throws Exception {
    Node node = connectAtOnce();
    Node other = connectAtOnce();
    awaitTraffic(other, node);
    other.exchange.close();
    open.remove(other.exchange);
    return node;
  }

  /** Waits until entries that the one publishes come to the other. */
  void awaitTraffic(Node from, Node to) throws Exception {
    await("entries come", () -> {
      Entry entry = new Entry("probe-" + UUID.randomUUID(), Kind.UPDATED, from.now(), 1, new byte[0], null);
      from.exchange.publish(List.of(entry), DEADLINE, DEADLINE);
      long end = System.nanoTime() + 100_000_000;
      while (!to.has(entry) && System.nanoTime() < end) {
        Thread.sleep(1);
      }
      return to.has(entry);
    });
  }

  /** Waits until something holds; what it throws until then is part of the error only. */
  void await(String what, Condition condition) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    Throwable thrown;
    do {
      try {
        if (condition.holds()) {
          return;
        }
        thrown = null;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError e) {
        thrown = e;
      }
      Thread.sleep(2);
    } while (System.nanoTime() < end);
    throw new AssertionError("Not within " + limit + ": " + what, thrown);
  }

  /** Runs something in a thread of its own that is to end within the limit. */
  <T> T within(String what, Callable<T> call) throws Exception { return within(what, limit, call); }

  void within(String what, Runnable call) throws Exception {
    within(what, limit, () -> {
      call.run();
      return what;
    });
  }

  /** As a cache does: the call is interrupted at its deadline. */
  private <T> T within(String what, Duration deadline, Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = Thread.startVirtualThread(task);
    try {
      return task.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      try {
        return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException again) {
        throw new AssertionError(what + " did not end within " + limit + " of its interruption", again);
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    }
  }

  /** Calls all nodes at the same moment, each in a thread of its own. */
  <T> List<T> atOnce(List<Node> nodes, Call<T> call) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<FutureTask<T>> tasks = nodes.stream()
        .map(node -> new FutureTask<>(() -> {
          start.await();
          return call.with(node);
        }))
        .toList();
    tasks.forEach(Thread::startVirtualThread);
    start.countDown();
    List<T> results = new ArrayList<>();
    for (FutureTask<T> task : tasks) {
      results.add(task.get(limit.toNanos(), TimeUnit.NANOSECONDS));
    }
    return results;
  }

  static String text(Entry entry) {
    byte[] value = entry.value();
    String bytes = value == null ? "no value"
        : value.length > 20 ? value.length + " bytes of hash " + Arrays.hashCode(value)
        : HexFormat.of().formatHex(value) + " '" + new String(value, UTF_8) + "'";
    return entry.id() + " " + entry.kind() + " as of " + entry.asOf() + ", version " + entry.version() + ", " + bytes
        + (entry.retryAfter() == null ? "" : ", after " + entry.retryAfter());
  }

  /** One cache, so to speak. */
  final class Node implements Receiver {

    private final Exchange exchange;
    private final List<Entry> received = new CopyOnWriteArrayList<>();
    private final Set<String> texts = ConcurrentHashMap.newKeySet();
    private final AtomicInteger interruptions = new AtomicInteger();

    private Node(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void received(List<Entry> entries) {
      List<Entry> own = entries.stream().filter(entry -> ids.contains(entry.id())).toList();
      received.addAll(own);
      entries.forEach(entry -> texts.add(ExchangeNodes.text(entry)));
    }

    @Override
    public void interrupted() { interruptions.incrementAndGet(); }

    int interruptions() { return interruptions.get(); }

    void close() {
      exchange.close();
    }

    boolean has(Entry entry) { return texts.contains(ExchangeNodes.text(entry)); }

    // Claims

    Claims claims(List<Want> wants, Duration lease) throws Exception {
      return exchange.claim(wants, lease, DEADLINE);
    }

    long now() throws Exception { return claims(List.of(), Duration.ZERO).now(); }

    Answer claim(String id, Duration maxAge, Duration lease) throws Exception {
      List<Answer> answers = claims(List.of(new Want(id, maxAge)), lease).answers();
      ExchangeChecks.equal("the number of answers to one want", 1, answers.size());
      return answers.getFirst();
    }

    void asks(String id, Duration maxAge, Duration lease) throws Exception {
      Answer answer = claim(id, maxAge, lease);
      ExchangeChecks.isTrue("the claim is granted, but the answer was " + text(answer), answer instanceof Answer.Ask);
    }

    Duration waits(String id) throws Exception {
      Answer answer = claim(id, Duration.ZERO, Duration.ofMillis(1));
      if (answer instanceof Answer.Wait(Duration atLeast)) {
        return atLeast;
      }
      throw new AssertionError("Another has the lease, but the answer was " + text(answer));
    }

    Entry take(String id, Duration maxAge) throws Exception {
      Answer answer = claim(id, maxAge, Duration.ofMillis(1));
      if (answer instanceof Answer.Take(Entry entry)) {
        return entry;
      }
      throw new AssertionError("An entry is there, but the answer was " + text(answer));
    }

    void takes(String id, Duration maxAge, Entry expected) throws Exception {
      ExchangeChecks.equal("the entry taken", ExchangeNodes.text(expected), ExchangeNodes.text(take(id, maxAge)));
    }

    private static String text(Answer answer) {
      return answer instanceof Answer.Take(Entry entry) ? "Take[" + ExchangeNodes.text(entry) + "]" : answer.toString();
    }

    // Entries

    void publish(Entry... entries) throws Exception {
      publish(List.of(entries));
    }

    void publish(List<Entry> entries) throws Exception {
      publish(entries, TIME_TO_LIVE);
    }

    void publish(List<Entry> entries, Duration timeToLive) throws Exception {
      entries.forEach(entry -> ids.add(entry.id()));
      exchange.publish(entries, timeToLive, DEADLINE);
    }

    /** Waits until just these entries of this check have come, in this order. */
    void received(Entry... expected) throws InterruptedException {
      List<String> texts = Arrays.stream(expected).map(ExchangeNodes::text).toList();
      await("the entries have come", () -> received.size() >= texts.size());
      List<String> actual = received.stream().map(ExchangeNodes::text).toList();
      for (int i = 0; i < Math.max(actual.size(), texts.size()); i++) {
        ExchangeChecks.equal("entry " + i + " that came", at(texts, i), at(actual, i));
      }
    }

    private static String at(List<String> texts, int index) {
      return index < texts.size() ? texts.get(index) : "none";
    }

    // Calls that may fail

    boolean answers() throws InterruptedException {
      return succeeds("a claim", () -> exchange.claim(List.of(), SHORT_DEADLINE, SHORT_DEADLINE));
    }

    boolean fails(Entry entry) throws InterruptedException {
      return !succeeds("a publication", () -> {
        exchange.publish(List.of(entry), TIME_TO_LIVE, SHORT_DEADLINE);
        return entry;
      });
    }

    private boolean succeeds(String what, Callable<?> call) throws InterruptedException {
      try {
        within(what, SHORT_DEADLINE, call);
        return true;
      } catch (InterruptedException | AssertionError e) {
        throw e;
      } catch (ExecutionException e) {
        return false;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
