package io.autorefresh.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.autorefresh.share.Exchange;
import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Claims;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every {@link Exchange} is to do, as checks that its author runs. For instance with JUnit:
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> exchange() {
 *   return new ExchangeChecks(() -> new MyExchange(server)).flush(server::flush).restart(server::restart)
 *       .checks().stream().map(check -> dynamicTest(check.name(), check::run));
 * }
 * }</pre>
 *
 * <p>All exchanges of the checks are connected to one store, which may have other entries in it: each check has ids of
 * its own. A check whose hook was not given is left out. A check that fails throws an AssertionError that says what was
 * expected and what came. It runs in real time: it waits for what is to happen, for at most the limit, and closes what
 * it has connected. Run one check at a time where there are hooks.
 */
public final class ExchangeChecks {

  /** Something that may throw. */
  @FunctionalInterface
  public interface Action {

    /**
     * Does it.
     *
     * @throws Exception if that fails
     */
    void run() throws Exception;
  }

  /** Spoils a store. */
  @FunctionalInterface
  public interface Spoiler {

    /**
     * Writes what no exchange has written, both where the store keeps that id and to where entries are passed on.
     *
     * @param id the text of an id
     * @throws Exception if that fails
     */
    void spoil(String id) throws Exception;
  }

  /**
   * One check.
   *
   * @param name what is checked
   * @param action throws an AssertionError if it is not so
   */
  public record Check(String name, Action action) {

    /**
     * Runs the check.
     *
     * @throws Exception if the exchange or a hook throws it
     */
    public void run() throws Exception {
      action.run();
    }
  }

  private interface Body {
    void run(ExchangeNodes nodes) throws Exception;
  }

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Callable<? extends Exchange> connect;
  private final List<Check> hooked = new ArrayList<>();
  private Duration limit = Duration.ofSeconds(20);

  /**
   * Creates the checks without hooks.
   *
   * @param connect makes an exchange for one more cache, over the one store
   */
  public ExchangeChecks(Callable<? extends Exchange> connect) {
    this.connect = Objects.requireNonNull(connect, "connect");
  }

  /**
   * Sets for how long a check waits.
   *
   * @param limit for each thing that is to happen; twenty seconds by default
   * @return this
   */
  public ExchangeChecks limit(Duration limit) {
    this.limit = Objects.requireNonNull(limit, "limit");
    return this;
  }

  /**
   * Adds the checks of a store that forgets everything.
   *
   * @param flush empties the store
   * @return this
   */
  public ExchangeChecks flush(Action flush) {
    return hook("flush_forgets_andIsNoticed", nodes -> flushed(nodes, flush));
  }

  /**
   * Adds the checks of a server that breaks down.
   *
   * @param restart ends the server, and starts it again; the store may be empty then
   * @return this
   */
  public ExchangeChecks restart(Action restart) {
    return hook("restart_isReported_andEntriesComeAgain", nodes -> restarted(nodes, restart));
  }

  /**
   * Adds the checks of a server that does not answer.
   *
   * @param begin from now on, the server answers nothing
   * @param end the server goes on
   * @return this
   */
  public ExchangeChecks hang(Action begin, Action end) {
    return hook("hang_isBounded_andReported_andEntriesComeAgain", nodes -> hung(nodes, begin, end));
  }

  /**
   * Adds the checks of a store into which somebody else writes.
   *
   * @param spoiler writes
   * @return this
   */
  public ExchangeChecks garbage(Spoiler spoiler) {
    return hook("garbage_costsNothingElse", nodes -> spoiled(nodes, spoiler));
  }

  private ExchangeChecks hook(String name, Body body) {
    hooked.add(check(name, body));
    return this;
  }

  /**
   * Returns the checks.
   *
   * @return those without a hook, and those of the hooks that were given
   */
  public List<Check> checks() {
    List<Check> checks = new ArrayList<>(List.of(
        check("claim_ofNothing_tellsTheTime", ExchangeChecks::time),
        check("claim_by32AtOnce_grantsEachIdOnce", ExchangeChecks::atomicClaims),
        check("claim_again_isGrantedToTheHolder", ExchangeChecks::claimedAgain),
        check("lease_endsAfterItsTime", ExchangeChecks::leaseEnds),
        check("answers_haveTheOrderOfTheWants", ExchangeChecks::orderOfAnswers),
        check("entry_isTaken_ifYoungEnough_andEndsTheLease", ExchangeChecks::taken),
        check("entry_olderThanTheStored_isIgnored", ExchangeChecks::older),
        check("entry_ofTheFuture_isIgnored", ExchangeChecks::future),
        check("unchanged_keepsTheValue_andEndsTheLease", ExchangeChecks::unchanged),
        check("unchanged_ofAValueThatIsNotStored_isReported", ExchangeChecks::unchangedOfNothing),
        check("failed_keepsTheEntry_andTheLease", nodes -> failed(nodes, Kind.FAILED)),
        check("paused_keepsTheEntry_andTheLease", nodes -> failed(nodes, Kind.PAUSED)),
        check("deleted_removesTheValue_andNoOlderOneComesBack", ExchangeChecks::deleted),
        check("publish_reachesTheOthers_inOrder", ExchangeChecks::passedOn),
        check("idsAndValues_mayBeAnything", ExchangeChecks::anything),
        check("entry_isForgotten_afterItsTimeToLive", ExchangeChecks::timeToLive),
        check("close_isIdempotent_andEndsTheSubscription", ExchangeChecks::closed)));
    checks.addAll(hooked);
    return checks;
  }

  private Check check(String name, Body body) {
    return new Check(name, () -> {
      try (ExchangeNodes nodes = new ExchangeNodes(connect, limit)) {
        body.run(nodes);
      }
    });
  }

  // Claims

  private static void time(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    Claims first = a.claims(List.of(), LONG);
    equal("the answers to no wants", List.of(), first.answers());
    nodes.await("the time of the exchange goes on", () -> a.now() > first.now());
    ExchangeNodes.Node b = nodes.connect();
    long before = a.now();
    isTrue("the time is the same for all: " + before, b.now() >= before && a.now() >= before);
  }

  private static void atomicClaims(ExchangeNodes nodes) throws Exception {
    List<Want> wants = IntStream.range(0, 200).mapToObj(i -> new Want(id() + i, Duration.ZERO)).toList();
    List<ExchangeNodes.Node> claimers = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      claimers.add(nodes.connect());
    }
    List<List<Answer>> all = nodes.atOnce(claimers, node -> {
      List<Answer> answers = new ArrayList<>();
      for (int from = 0; from < wants.size(); from += 50) {
        answers.addAll(node.claims(wants.subList(from, from + 50), LONG).answers());
      }
      return answers;
    });
    for (int i = 0; i < wants.size(); i++) {
      int at = i;
      long granted = all.stream().filter(answers -> answers.get(at) instanceof Answer.Ask).count();
      long waiting = all.stream().filter(answers -> answers.get(at) instanceof Answer.Wait).count();
      equal("of 32 claims of one id, those granted and those to wait", "1 and 31", granted + " and " + waiting);
    }
  }

  private static void claimedAgain(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    a.asks(id, Duration.ZERO, SHORT);
    a.asks(id, Duration.ZERO, LONG);
    Duration left = b.waits(id);
    isTrue("the lease was prolonged: " + left, left.compareTo(SHORT) > 0);
    a.asks(id, Duration.ZERO, SHORT);
    left = b.waits(id);
    isTrue("the lease was not shortened: " + left, left.compareTo(SHORT) > 0);
  }

  private static void leaseEnds(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long before = a.now();
    a.asks(id, Duration.ZERO, SHORT);
    Answer first = b.claim(id, Duration.ZERO, SHORT);
    if (first instanceof Answer.Wait(Duration atLeast)) {
      isTrue("the lease has some time left, and not more than it had: " + atLeast,
          atLeast.isPositive() && atLeast.compareTo(SHORT) <= 0);
      nodes.await("the lease has ended", () -> b.claim(id, Duration.ZERO, SHORT) instanceof Answer.Ask);
    }
    long lasted = b.now() - before;
    isTrue("the lease of 300 ms has lasted that long: " + lasted + " ms", lasted >= SHORT.toMillis());
  }

  private static void orderOfAnswers(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    String leased = id();
    String stored = id();
    a.asks(leased, Duration.ZERO, LONG);
    a.publish(updated(stored, a.now(), "v"));
    List<Want> wants =
        Stream.of(id(), leased, stored, id(), leased).map(id -> new Want(id, HOUR)).toList();
    equal("the kinds of the answers", List.of("Ask", "Wait", "Take", "Ask", "Wait"),
        b.claims(wants, LONG).answers().stream().map(answer -> answer.getClass().getSimpleName()).toList());
  }

  private static void taken(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long now = a.now();
    Entry entry = new Entry(id, Kind.UPDATED, now - 100_000, now - 200_000, "v".getBytes(UTF_8), null);
    a.publish(entry);
    b.asks(id, Duration.ofSeconds(100), LONG);
    a.takes(id, Duration.ofSeconds(1_000), entry);
    b.takes(id, Duration.ofSeconds(1_000), entry);
    a.waits(id);
    b.publish(updated(id, a.now(), "w"));
    a.asks(id, Duration.ZERO, LONG);
  }

  // Entries

  private static void older(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long now = a.now();
    Entry newer = updated(id, now, "newer");
    a.publish(newer);
    for (Kind kind : Kind.values()) {
      b.publish(new Entry(id, kind, now - 1, now - 1, "older".getBytes(UTF_8), LONG));
    }
    b.takes(id, HOUR, newer);
    b.asks(id, Duration.ZERO, LONG);
    Entry last = updated(id(), b.now(), "last");
    b.publish(last);
    a.received(last);
  }

  private static void future(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    a.publish(updated(id, a.now() + HOUR.toMillis(), "future"));
    a.asks(id, HOUR, LONG);
    Entry entry = updated(id, a.now(), "present");
    a.publish(entry);
    b.takes(id, HOUR, entry);
    b.received(entry);
  }

  private static void unchanged(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long now = a.now();
    Entry first = new Entry(id, Kind.UPDATED, now - 100_000, now - 100_000, "v".getBytes(UTF_8), null);
    a.publish(first);
    b.asks(id, Duration.ZERO, LONG);
    Entry second = new Entry(id, Kind.UNCHANGED, now, now - 100_000, null, null);
    b.publish(second);
    a.takes(id, Duration.ofSeconds(50), new Entry(id, Kind.UPDATED, now, now - 100_000, "v".getBytes(UTF_8), null));
    a.asks(id, Duration.ZERO, LONG);
    a.received(second);
    b.received(first);
    isTrue("nothing was lost", a.interruptions() + b.interruptions() == 0);
  }

  private static void unchangedOfNothing(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long now = a.now();
    String absent = id();
    String other = id();
    a.publish(updated(other, now - 1_000, "other"));
    Entry ofAbsent = new Entry(absent, Kind.UNCHANGED, now, now, null, null);
    Entry ofOther = new Entry(other, Kind.UNCHANGED, now, now - 500, null, null);
    for (Entry entry : List.of(ofAbsent, ofOther)) {
      int before = a.interruptions();
      a.publish(entry);
      nodes.await("the publisher learns that its value is not stored", () -> a.interruptions() > before);
      b.asks(entry.id(), Duration.ofMillis(900), SHORT);
    }
    b.received(updated(other, now - 1_000, "other"), ofAbsent, ofOther);
    Entry withValue = new Entry(absent, Kind.UNCHANGED, now, now - 500, "v".getBytes(UTF_8), null);
    a.publish(withValue);
    b.takes(absent, HOUR, new Entry(absent, Kind.UPDATED, now, now - 500, "v".getBytes(UTF_8), null));
  }

  private static void failed(ExchangeNodes nodes, Kind kind) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    Entry entry = updated(id, a.now() - 10_000, "v");
    a.publish(entry);
    a.asks(id, Duration.ZERO, SHORT);
    Entry failure = new Entry(id, kind, a.now(), a.now(), null, LONG);
    a.publish(failure);
    b.received(entry, failure);
    b.takes(id, HOUR, entry);
    Duration left = b.waits(id);
    isTrue("the lease lasts for the delay: " + left, left.compareTo(SHORT) > 0 && left.compareTo(LONG) <= 0);
    b.publish(new Entry(id, kind, b.now(), b.now(), null, Duration.ZERO));
    b.waits(id);
    a.publish(new Entry(id, kind, a.now(), a.now(), null, Duration.ZERO));
    b.asks(id, Duration.ZERO, LONG);
  }

  private static void deleted(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    long now = a.now();
    Entry entry = updated(id, now - 1_000, "v");
    a.publish(entry);
    a.asks(id, Duration.ZERO, LONG);
    Entry deletion = new Entry(id, Kind.DELETED, now, now - 1_000, null, null);
    a.publish(deletion);
    b.publish(updated(id, now - 500, "older"));
    b.asks(id, HOUR, LONG);
    b.received(entry, deletion);
    Entry again = updated(id, b.now(), "again");
    b.publish(again);
    a.takes(id, HOUR, again);
    a.received(again);
  }

  private static void passedOn(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    ExchangeNodes.Node c = nodes.connect();
    long now = a.now();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Kind kind = Kind.values()[i % Kind.values().length];
      boolean failed = kind == Kind.FAILED || kind == Kind.PAUSED;
      byte @Nullable [] value = kind == Kind.UPDATED || i % 2 == 0 && kind == Kind.UNCHANGED ? new byte[i] : null;
      entries.add(new Entry(id(), kind, now, now - i, value, failed ? Duration.ofMillis(i) : null));
    }
    a.publish(entries.subList(0, 1_000));
    a.publish(entries.subList(1_000, 1_001));
    a.publish(entries.subList(1_001, 2_000));
    b.received(entries.toArray(Entry[]::new));
    c.received(entries.toArray(Entry[]::new));
    Entry last = updated(id(), now, "last");
    b.publish(last);
    a.received(last);
  }

  private static void anything(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    byte[] all = new byte[100_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    for (String id : List.of(id() + " \r\n\0\u00e9\u4e2d\ud83d\ude00{x}*?:", id().repeat(100))) {
      for (byte[] value : List.of(new byte[0], new byte[1], all)) {
        long now = a.now();
        Entry entry = new Entry(id, Kind.UPDATED, now, now, value, null);
        a.publish(entry);
        b.takes(id, HOUR, entry);
      }
    }
  }

  private static void timeToLive(ExchangeNodes nodes) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    Entry entry = updated(id, a.now(), "v");
    a.publish(List.of(entry), SHORT);
    nodes.await("the entry is forgotten", () -> a.claim(id, HOUR, SHORT) instanceof Answer.Ask);
    long lived = a.now() - entry.asOf();
    isTrue("the entry was there for its 300 ms: " + lived + " ms", lived >= SHORT.toMillis());
  }

  private static void closed(ExchangeNodes nodes) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    nodes.within("close", b::close);
    nodes.within("a second close", b::close);
    a.publish(updated(id(), a.now(), "v"));
    ExchangeNodes.Node c = nodes.connect();
    Entry last = updated(id(), a.now(), "last");
    a.publish(last);
    c.received(last);
    b.received();
    isTrue("a closed exchange answers no claim", !b.answers());
    nodes.connectUnsubscribed().close();
  }

  // With hooks

  private static void flushed(ExchangeNodes nodes, Action flush) throws Exception {
    String id = id();
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    Entry entry = updated(id, a.now(), "v");
    a.publish(entry);
    b.takes(id, HOUR, entry);
    flush.run();
    b.asks(id, HOUR, LONG);
    a.publish(new Entry(id, Kind.UNCHANGED, a.now(), entry.version(), null, null));
    nodes.await("the publisher learns that its value is lost", () -> a.interruptions() > 0);
    entry = updated(id, a.now(), "w");
    a.publish(entry);
    b.takes(id, HOUR, entry);
  }

  private static void restarted(ExchangeNodes nodes, Action restart) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    for (int i = 1; i <= 2; i++) {
      int times = i;
      restart.run();
      nodes.await("the loss is reported", () -> a.interruptions() >= times && b.interruptions() >= times);
      nodes.await("claims are answered again", () -> a.answers() && b.answers());
      nodes.awaitTraffic(a, b);
    }
  }

  private static void hung(ExchangeNodes nodes, Action begin, Action end) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    ExchangeNodes.Node c = nodes.connect();
    long now = a.now();
    ExchangeNodes.Node late;
    begin.run();
    try {
      isTrue("a claim fails while the server hangs", !a.answers());
      isTrue("a publication fails while the server hangs", b.fails(updated(id(), now, "v")));
      nodes.within("close", c::close);
      late = nodes.within("a subscription", nodes::connectAtOnce);
      nodes.await("the loss is reported", () -> a.interruptions() > 0 && b.interruptions() > 0);
    } finally {
      end.run();
    }
    nodes.await("claims are answered again", () -> a.answers() && b.answers() && late.answers());
    nodes.awaitTraffic(a, b);
    nodes.awaitTraffic(late, a);
    nodes.awaitTraffic(a, late);
  }

  private static void spoiled(ExchangeNodes nodes, Spoiler spoiler) throws Exception {
    ExchangeNodes.Node a = nodes.connect();
    ExchangeNodes.Node b = nodes.connect();
    for (int i = 0; i < 2; i++) {
      boolean published = i == 1;
      String id = id();
      if (published) {
        a.publish(updated(id, a.now(), "before"));
      }
      spoiler.spoil(id);
      if (!published) {
        b.asks(id, HOUR, LONG);
        a.waits(id);
      }
      Entry entry = updated(id, a.now(), "v");
      a.publish(entry);
      b.takes(id, HOUR, entry);
      nodes.await("the entry comes", () -> b.has(entry));
    }
  }

  // What is said and compared

  private static String id() { return "check-" + UUID.randomUUID(); }

  private static Entry updated(String id, long asOf, String value) {
    return new Entry(id, Kind.UPDATED, asOf, asOf, value.getBytes(UTF_8), null);
  }

  static void equal(String what, Object expected, Object actual) {
    isTrue(what + ": expected " + expected + ", but it was " + actual, expected.equals(actual));
  }

  static void isTrue(String what, boolean condition) {
    if (!condition) {
      throw new AssertionError("Not so: " + what);
    }
  }
}
