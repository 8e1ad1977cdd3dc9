package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * L2: a closed cache is held by nothing. Each cache here has callbacks of classes of its own, as an application in a
 * server has, and the class loader of these classes is collected afterwards.
 */
@Timeout(120)
class ClosedLoaderTest {

  /** What the cache goes through before it is closed. Public, as its user is in another run-time package. */
  public enum Life { NEVER_STARTED, STARTED, RUN, SYNCED, TIMED_OUT, ABANDONED, CLOSED_TOO_LATE }

  /** Defines the class of the tenant anew; all others come from its parent. */
  private static final class Loader extends ClassLoader {

    private static final String PREFIX = Tenant.class.getName();

    Loader() {
      super("of the tenant", ClosedLoaderTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (!name.startsWith(PREFIX) || findLoadedClass(name) != null) {
          return super.loadClass(name, resolve);
        }
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
          byte[] bytes = file.readAllBytes();
          return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
          throw new ClassNotFoundException(name, e);
        }
      }
    }
  }

  /** An application: builds a cache, uses it in the given way, and closes it. Its value is a class of its own, too. */
  public static final class Tenant implements Callable<Boolean> {

    record Parcel(String id, int step) {}

    private final Life life;
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger called = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    public Tenant(String life) {
      this.life = Life.valueOf(life);
    }

    private Map<String, Outcome<Parcel>> refresh(Map<String, Parcel> items) throws InterruptedException {
      called.incrementAndGet();
      try {
        switch (life) {
          case TIMED_OUT -> gate.await();
          case ABANDONED, CLOSED_TOO_LATE -> awaitStubbornly();
          default -> { }
        }
      } finally {
        ended.incrementAndGet();
      }
      Map<String, Outcome<Parcel>> outcomes = new HashMap<>();
      items.forEach((id, parcel) -> outcomes.put(id, parcel.step() > 2
          ? Outcome.failed(new ParcelException())
          : Outcome.updated(new Parcel(id, parcel.step() + 1))));
      return outcomes;
    }

    static final class ParcelException extends Exception {
      private static final long serialVersionUID = 1L;
    }

    private void awaitStubbornly() {
      while (gate.getCount() > 0) {
        try {
          gate.await();
        } catch (InterruptedException e) {
          // It goes on.
        }
      }
    }

    @Override
    public Boolean call() throws Exception {
      AtomicInteger heard = new AtomicInteger();
      AutoRefresh<String, Parcel> cache = AutoRefresh.<String, Parcel>builder().name("tenant")
          .refreshEvery(Duration.ofMillis(20))
          .refreshTimeout(Duration.ofMillis(life == Life.CLOSED_TOO_LATE ? 60_000 : 50))
          .closeTimeout(Duration.ofMillis(endsInTime() ? 20_000 : 1))
          .refreshBatch(this::refresh).onDelete((id, parcel) -> called.incrementAndGet())
          .terminal(parcel -> parcel.step() > 5).batchBy((id, parcel) -> parcel.step() % 2)
          .listener(event -> heard.incrementAndGet()).maxCallsPerSecond(1_000).build();
      for (int i = 0; i < 10; i++) {
        cache.getOrCreate("id-" + i, id -> new Parcel(id, 0));
      }
      use(cache);
      cache.deleteDelayed("id-0");
      cache.close();
      gate.countDown();
      Await.until("the last callback has ended",
          () -> cache.stats().runningJobs() + cache.stats().abandonedJobs() == 0);
      return heard.get() > 0 || life == Life.NEVER_STARTED || !endsInTime();
    }

    private boolean endsInTime() {
      return life != Life.ABANDONED && life != Life.CLOSED_TOO_LATE;
    }

    private void use(AutoRefresh<String, Parcel> cache) throws Exception {
      switch (life) {
        case NEVER_STARTED -> { }
        case SYNCED -> cache.sync();
        case RUN -> {
          Thread runner = new Thread(() -> {
            try {
              cache.run();
            } catch (InterruptedException e) {
              // As intended.
            }
          });
          runner.start();
          Await.until("some cycles have ended", () -> cache.stats().cycles() > 2);
          runner.interrupt();
          runner.join();
        }
        case STARTED -> {
          cache.start();
          Await.until("some fail", () -> cache.stats().failed() > 0);
        }
        case TIMED_OUT -> {
          cache.start();
          Await.until("some time out", () -> cache.stats().timedOutCalls() > 2);
        }
        case ABANDONED -> {
          cache.start();
          Await.until("some are abandoned", () -> cache.stats().abandonedJobs() > 0);
        }
        case CLOSED_TOO_LATE -> {
          cache.start();
          Await.until("a call runs", () -> called.get() > 0);
        }
      }
    }
  }

  /** Returns the loader of a tenant that has done all it does, in a thread that has ended. */
  private static WeakReference<ClassLoader> live(Life life) throws Exception {
    Loader loader = new Loader();
    AtomicReference<Object> result = new AtomicReference<>();
    Thread thread = new Thread(() -> {
      try {
        Class<?> type = loader.loadClass(Tenant.class.getName());
        check(type != Tenant.class, "the tenant has a class of its own");
        result.set(((Callable<?>) type.getConstructor(String.class).newInstance(life.name())).call());
      } catch (Throwable e) {
        result.set(e);
      }
    });
    thread.setContextClassLoader(loader);
    thread.start();
    thread.join();
    if (result.get() instanceof Throwable thrown) {
      throw new IllegalStateException("the tenant failed", thrown);
    }
    check(result.get() == Boolean.TRUE, "the listener was called");
    return new WeakReference<>(loader);
  }

  private static void check(boolean fact, String text) {
    if (!fact) {
      throw new IllegalStateException("not so: " + text);
    }
  }

  /**
   * A process of tenants alone, so that they are the first to need the JVM's own threads. Such a thread, as the delay
   * scheduler, starts once, and holds what it inherits then for ever.
   */
  public static final class Tenants {

    private Tenants() {}

    public static void main(String[] args) throws Exception {
      for (Life life : Life.values()) {
        WeakReference<ClassLoader> loader = live(life);
        Await.until("the class loader is collected of a tenant whose cache was " + life, () -> {
          System.gc();
          return loader.get() == null;
        });
        System.out.println("collected: " + life);
      }
    }
  }

  /** The JDK itself keeps a record's type, softly, once its {@code equals} ran: soft references hold nothing here. */
  @Test
  void L2_theClassLoaderOfAClosedCache_isCollected() throws Exception {
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0", "-cp", System.getProperty("java.class.path"),
        Tenants.class.getName()).redirectErrorStream(true).start();
    try {
      List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(lines).containsAll(Stream.of(Life.values()).map(life -> "collected: " + life).toList());
      assertThat(process.waitFor()).as("%s", lines).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  /** A test of the test: what is held is seen. */
  @Test
  void L2_theClassLoaderOfACacheThatIsNotClosed_isHeld() throws Exception {
    Loader loader = new Loader();
    WeakReference<ClassLoader> held = new WeakReference<>(loader);
    AutoRefresh<String, Object> cache = AutoRefresh.<String, Object>builder().refreshEvery(Duration.ofHours(1))
        .refresh((id, item) -> item).start();
    try (cache) {
      cache.getOrCreate("a", loader.loadClass(Tenant.class.getName()));
      loader = null;
      System.gc();
      assertThat(held.get()).isNotNull();
    }
  }
}
