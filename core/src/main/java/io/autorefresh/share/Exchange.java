package io.autorefresh.share;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What JVMs share the refresh work through: it grants each item to one of them at a time, keeps the newest answers, and
 * passes them on. An exchange belongs to one cache, which {@linkplain #close closes} it: it stands for this cache among
 * the others.
 *
 * <p>An exchange may be late, lossy, double or wrong. It costs calls then, and never freshness or correctness: the
 * cache compares times and versions, and asks the remote by itself when an answer does not come.
 *
 * <p>The cache calls {@link #claim} from one thread at a time and {@link #publish} from one thread at a time. A call
 * that takes longer than its deadline is interrupted, and its result is discarded.
 */
public interface Exchange extends AutoCloseable {

  /**
   * Asks which items this cache is to ask the remote for.
   *
   * <p>For each item, atomically: an entry that is young enough is taken; else, if another cache holds the lease of the
   * item, this one waits; else this cache gets the lease and asks the remote. A cache that holds a lease gets it again:
   * the lease is prolonged, never shortened. An entry from the future of the exchange's clock, which was set back, is
   * not young.
   *
   * @param wants the items; an empty list asks for the time alone
   * @param lease how long an item that is granted is granted; at most an hour counts
   * @param deadline how long the call may take
   * @return an answer to each want, in their order
   * @throws Exception if it cannot be answered
   */
  Claims claim(List<Want> wants, Duration lease, Duration deadline) throws Exception;

  /**
   * Stores answers of the remote and passes them on to the other caches.
   *
   * <ul>
   *   <li>An entry that is older than the stored one of its id, or from the future, is neither stored nor passed on.
   *   <li>An updated one ends the lease, and so does an unchanged one; without a value it keeps the stored one. Where
   *       no value of its version is stored, it is passed on all the same, and this cache's receiver learns that
   * entries
   *       are {@linkplain Receiver#interrupted lost}.
   *   <li>A deleted one ends the lease and removes the value. Its time stays, so that no older entry comes back.
   *   <li>A failed or paused one leaves what is stored. The lease, if this cache or nobody holds it, lasts for its
   *       delay from now, an hour at most.
   * </ul>
   *
   * @param entries what the remote has answered
   * @param timeToLive after which time without another entry an entry may be forgotten
   * @param deadline how long the call may take
   * @throws Exception if it cannot be done: the entries may be lost, or stored and not passed on
   */
  void publish(List<Entry> entries, Duration timeToLive, Duration deadline) throws Exception;

  /**
   * Passes the entries that other caches publish from now on to the receiver. Called once, before the first claim. An
   * exchange that cannot reach its server yet goes on trying, and does not throw.
   *
   * @param receiver gets the entries, and may get them from several threads
   * @throws Exception if it never will
   */
  void subscribe(Receiver receiver) throws Exception;

  /** Ends the subscription and gives back what the exchange holds. Idempotent; never throws. */
  @Override
  void close();

  /**
   * An item that is to be refreshed.
   *
   * @param id its text
   * @param maxAge how old an entry may be that is taken instead
   */
  record Want(String id, Duration maxAge) {}

  /**
   * The answer to a claim.
   *
   * @param now the time by the clock of the exchange, in milliseconds
   * @param answers one for each want
   */
  record Claims(long now, List<Answer> answers) {

    /** Copies the list. */
    public Claims {
      answers = List.copyOf(answers);
    }
  }

  /** What a cache is to do for an item. */
  sealed interface Answer {

    /** It has the lease, and asks the remote. */
    record Ask() implements Answer {}

    /**
     * Another cache has the lease: it asks the remote now, or the remote told it to wait.
     *
     * @param atLeast how long, at least, until the lease ends
     */
    record Wait(Duration atLeast) implements Answer {}

    /**
     * There is an entry that is young enough.
     *
     * @param entry the newest confirmation of the item, as an updated one with its value
     */
    record Take(Entry entry) implements Answer {}
  }

  /** What the remote has answered. */
  enum Kind {
    /** The item has a value. */
    UPDATED,
    /** The item has the value of that version still. */
    UNCHANGED,
    /** The remote no longer has the item. */
    DELETED,
    /** The refresh of the item failed. */
    FAILED,
    /** The remote said when to come back, for all the item's group. */
    PAUSED
  }

  /**
   * What the remote has answered for one item.
   *
   * @param id the text of its id
   * @param kind what the answer is
   * @param asOf when the item was claimed, by the clock of the exchange, in milliseconds: the answer is not older
   * @param version the {@code asOf} of the last change of the value
   * @param value the bytes of the value; null where the kind has none, or the value is unchanged and stored
   * @param retryAfter after a failure, the time until the remote is asked again; else null
   */
  record Entry(
      String id, Kind kind, long asOf, long version, byte @Nullable [] value, @Nullable Duration retryAfter) {}

  /** What the entries of other caches come to. */
  interface Receiver {

    /**
     * Takes in entries, and returns soon. Never throws. Safe for use by several threads.
     *
     * @param entries in the order in which they were published, as far as that is known
     */
    void received(List<Entry> entries);

    /**
     * Entries of other caches may have been lost, since the connection was; or entries of this one, since the store has
     * forgotten them. Returns soon, and never throws.
     */
    void interrupted();
  }
}
