package io.autorefresh.benchmarks;

import io.autorefresh.AutoRefresh;
import java.time.Duration;
import java.util.Scanner;
import java.util.concurrent.Callable;

/**
 * The work of one version of the library in a paired round. Each version has a class loader or a JVM of its own, which
 * loads this class. A call does the work once and returns the nanoseconds that it took.
 */
public abstract class PairedWork implements Callable<Long>, AutoCloseable {

  /**
   * Creates work of a kind.
   *
   * @param kind {@code get}, {@code create}, or a batch size and a concurrency, with a blank between
   * @return the work, ready to be called
   */
  public static PairedWork of(String kind) {
    return switch (kind) {
      case "get" -> new Reads();
      case "create" -> new Creations();
      default -> new Cycles(Integer.parseInt(kind.split(" ")[0]), Integer.parseInt(kind.split(" ")[1]));
    };
  }

  /**
   * Does the work once for each line of the standard input, and writes the nanoseconds.
   *
   * @param args the kind of work
   * @throws Exception if the work fails
   */
  public static void main(String[] args) throws Exception {
    try (PairedWork work = of(args[0]); Scanner orders = new Scanner(System.in)) {
      while (orders.hasNextLine()) {
        orders.nextLine();
        System.out.println(work.call());
      }
    }
  }

  abstract void work() throws InterruptedException;

  /** Prepares a call; not timed. */
  void prepare() {}

  @Override
  public Long call() throws InterruptedException {
    prepare();
    long begun = System.nanoTime();
    work();
    return System.nanoTime() - begun;
  }

  @Override
  public void close() {}

  /** A cycle of sync over all items, which the remote answers at once and as they were. */
  private static final class Cycles extends PairedWork {

    private final AutoRefreshLoop loop;

    Cycles(int batch, int concurrency) {
      loop = new AutoRefreshLoop(Ids.of(PairedRounds.ITEMS, 1), batch, concurrency, new Remote(Answer.UNCHANGED, 0));
    }

    @Override
    void work() throws InterruptedException {
      loop.cycle();
    }

    @Override
    public void close() {
      loop.close();
    }
  }

  /** A million reads by Zipf's law, while every item gets a new value once a second in the background. */
  private static final class Reads extends PairedWork {

    private final AutoRefreshStore store = new AutoRefreshStore(20_480, Duration.ofSeconds(1));
    private final String[] draws;
    private final Store.Refreshing refreshing;

    Reads() {
      String[] ids = Ids.of(16_384, 1);
      draws = Ids.draws(ids, ids, 100);
      for (String id : ids) {
        store.getOrCreate(id, Item.FIRST);
      }
      refreshing = store.refresh(ids);
    }

    @Override
    void work() {
      int found = 0;
      for (String id : draws) {
        found += store.get(id) == null ? 0 : 1;
      }
      if (found != draws.length) {
        throw new IllegalStateException("only " + found + " were found");
      }
    }

    @Override
    public void close() {
      refreshing.close();
    }
  }

  /** The creation of 100,000 items in an empty cache. */
  private static final class Creations extends PairedWork {

    private final String[] ids = Ids.of(PairedRounds.ITEMS, 1);
    private AutoRefresh<String, Item> cache = empty();

    private static AutoRefresh<String, Item> empty() {
      return AutoRefresh.<String, Item>builder()
          .refresh((id, item) -> item)
          .refreshEvery(Duration.ofHours(1))
          .refreshOnCreate(false)
          .build();
    }

    @Override
    void prepare() {
      cache.close();
      cache = empty();
    }

    @Override
    void work() {
      for (String id : ids) {
        cache.getOrCreate(id, Item.FIRST);
      }
    }
  }
}
