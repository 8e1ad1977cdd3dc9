package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L4: what the cache's threads take over from those that use it: the class loader of the build, and nothing else. */
@Timeout(60)
class InheritanceTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final InheritableThreadLocal<String> USER = new InheritableThreadLocal<>();

  /** How the callbacks come to be called. */
  enum Way { START, RUN, SYNC, SYNC_BESIDE_A_BACKGROUND, CLOSE }

  /** What a callback saw. */
  private record Seen(String user, ClassLoader loader) {}

  private final ManualTicker ticker = new ManualTicker();
  private final Map<String, Collection<Seen>> seen = new ConcurrentHashMap<>();
  private final ClassLoader ofBuild = new URLClassLoader("of the build", new URL[0], getClass().getClassLoader());
  private final ClassLoader ofUse = new URLClassLoader("of the use", new URL[0], getClass().getClassLoader());

  @AfterEach
  void forgetTheUser() {
    USER.remove();
  }

  private void note(String callback) {
    // A callback in the thread of a caller sees what is the caller's.
    if (Thread.currentThread().isVirtual()) {
      seen.computeIfAbsent(callback, key -> ConcurrentHashMap.newKeySet())
          .add(new Seen(
              Objects.requireNonNullElse(USER.get(), "nobody"), Thread.currentThread().getContextClassLoader()));
    }
  }

  private AutoRefresh<String, Integer> build(ClassLoader loader) throws Exception {
    return as("bob", loader, () -> AutoRefresh.<String, Integer>builder().refreshEvery(PERIOD).spread(false)
        .ticker(ticker).maxConcurrency(3)
        .refreshBatch(items -> {
          note("refresher");
          Map<String, Outcome<Integer>> outcomes = new TreeMap<>();
          items.forEach((id, n) -> outcomes.put(id, Outcome.updated(n + 1)));
          return outcomes;
        })
        .terminal(n -> {
          note("predicate");
          return false;
        })
        .batchBy((id, n) -> {
          note("group key");
          return "group";
        })
        .onDelete((id, n) -> note("deleter"))
        .listener(event -> note("listener")).build());
  }

  /** Does something as a user, in a thread of its own whose class loader is that one. */
  private static <T> T as(String user, ClassLoader loader, Callable<T> task) throws Exception {
    return Worker.start(() -> {
      USER.set(user);
      Thread.currentThread().setContextClassLoader(loader);
      return task.call();
    }).result();
  }

  private void use(AutoRefresh<String, Integer> cache, Way way) throws Exception {
    as("alice", ofUse, () -> {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      switch (way) {
        case START, SYNC_BESIDE_A_BACKGROUND -> cache.start();
        case RUN -> {
          // The thread is alice's, and so is the scope.
          Worker.start(() -> {
            USER.set("alice");
            cache.run();
          });
        }
        default -> cache.sync();
      }
      return null;
    });
    Await.until("the items are refreshed", () -> cache.get("a") > 0 && cache.get("b") > 0);
    as("alice", ofUse, () -> {
      cache.getOrCreate("c", 0);
      cache.deleteDelayed("b");
      switch (way) {
        case START, RUN -> ticker.settle().jump(PERIOD);
        case SYNC, SYNC_BESIDE_A_BACKGROUND -> cache.sync();
        case CLOSE -> cache.close();
      }
      return null;
    });
    Await.until("b is deleted, and that is heard",
        () -> cache.get("b") == null && cache.stats().waitingEvents() == 0);
    as("alice", ofUse, () -> {
      cache.close();
      return null;
    });
  }

  @ParameterizedTest
  @EnumSource
  void L4_noCallbackRunsAsTheUserWhoseThreadUsedTheCache(Way way) throws Exception {
    use(build(ofBuild), way);
    assertThat(seen).containsOnlyKeys("refresher", "predicate", "group key", "deleter", "listener");
    seen.forEach((callback, all) -> assertThat(all).extracting(Seen::user).as(callback).containsOnly("nobody"));
  }

  @ParameterizedTest
  @EnumSource
  void L4_everyCallbackHasTheContextClassLoaderOfTheBuild(Way way) throws Exception {
    use(build(ofBuild), way);
    assertThat(seen).containsOnlyKeys("refresher", "predicate", "group key", "deleter", "listener");
    seen.forEach((callback, all) -> assertThat(all).extracting(Seen::loader).as(callback).containsOnly(ofBuild));
  }

  @Test
  void L4_theSystemsClassLoaderAtTheBuild_isKeptThoughTheStarterHasAnother() throws Exception {
    use(build(ClassLoader.getSystemClassLoader()), Way.START);
    seen.forEach((callback, all) -> assertThat(all).extracting(Seen::loader).as(callback)
        .containsOnly(ClassLoader.getSystemClassLoader()));
  }
}
