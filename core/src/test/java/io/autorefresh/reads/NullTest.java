package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Creator;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** G2: null arguments are refused by name, everywhere. */
@Timeout(60)
class NullTest {

  private static AutoRefreshBuilder<String, String> builder() {
    return AutoRefresh.<String, String>builder()
        .refresh((id, value) -> value).create(id -> "created").refreshEvery(Duration.ofHours(1));
  }

  private static void assertNames(String argument, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call)
        .satisfies(e -> assertThat(e.getMessage()).matches("(?s)(.*\\W)?" + argument + "(\\W.*)?"));
  }

  private static Arguments call(String member, String argument, Consumer<AutoRefresh<String, String>> call) {
    return arguments(member, argument, call);
  }

  private interface Checked {
    void accept(AutoRefresh<String, String> cache) throws Exception;
  }

  private static Consumer<AutoRefresh<String, String>> unchecked(Checked call) {
    return cache -> {
      try {
        call.accept(cache);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    };
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        call("get", "id", cache -> cache.get(null)),
        call("getOrThrow", "id", cache -> cache.getOrThrow(null)),
        call("getOrCreate(id)", "id", cache -> cache.getOrCreate(null)),
        call("getOrCreate(id, item)", "id", cache -> cache.getOrCreate(null, "item")),
        call("getOrCreate(id, item), absent", "item", cache -> cache.getOrCreate("absent", (String) null)),
        call("getOrCreate(id, item), present", "item", cache -> cache.getOrCreate("present", (String) null)),
        call("getOrCreate(id, creator)", "id", cache -> cache.getOrCreate(null, id -> "item")),
        call("getOrCreate(id, creator), absent", "creator",
            cache -> cache.getOrCreate("absent", (Creator<String, String>) null)),
        call("getOrCreate(id, creator), present", "creator",
            cache -> cache.getOrCreate("present", (Creator<String, String>) null)),
        call("deleteDelayed", "id", cache -> cache.deleteDelayed(null)),
        call("forget", "id", cache -> cache.forget(null)),
        call("await", "id", unchecked(cache -> cache.await(null, value -> true, Duration.ZERO))),
        call("await", "condition", unchecked(cache -> cache.await("present", null, Duration.ZERO))),
        call("await", "timeout", unchecked(cache -> cache.await("present", value -> true, null))),
        call("asMap.get", "id", cache -> cache.asMap().get(null)),
        call("asMap.containsKey", "id", cache -> cache.asMap().containsKey(null)),
        call("asMap.containsValue", "value", cache -> cache.asMap().containsValue(null)),
        call("refreshNow", "id", unchecked(cache -> cache.refreshNow(null, Duration.ZERO))),
        call("refreshNow", "timeout", unchecked(cache -> cache.refreshNow("present", null))),
        call("getFresh", "id", unchecked(cache -> cache.getFresh(null, Duration.ZERO, Duration.ZERO))),
        call("getFresh", "maxAge", unchecked(cache -> cache.getFresh("present", null, Duration.ZERO))),
        call("getFresh", "timeout", unchecked(cache -> cache.getFresh("present", Duration.ZERO, null))),
        call("refreshSoon", "id", cache -> cache.refreshSoon(null)),
        call("awaitReady", "timeout", unchecked(cache -> cache.awaitReady(null))),
        call("inspect", "id", cache -> cache.inspect(null)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("calls")
  void G2_nullArgument_isNamed(String member, String argument, Consumer<AutoRefresh<String, String>> call) {
    try (var cache = builder().build()) {
      cache.getOrCreate("present", "value");
      assertNames(argument, () -> call.accept(cache));
      assertThat(cache.size()).as("items after %s", member).isEqualTo(1);
      assertThat(cache.get("present")).isEqualTo("value");
      assertThat(cache.stats().creationFailures()).isZero();
    }
  }

  @Test
  void G2_nullId_reachesNoCreator() {
    AtomicInteger calls = new AtomicInteger();
    Creator<String, String> creator = id -> "created " + calls.incrementAndGet();
    try (var cache = builder().create(creator).build()) {
      assertNames("id", () -> cache.getOrCreate(null));
      assertNames("id", () -> cache.getOrCreate(null, creator));
      assertThat(calls).hasValue(0);
    }
  }

  static Stream<Arguments> builderCalls() {
    return Stream.of(
        setter("name", "name", b -> b.name(null)),
        setter("refresh", "refresher", b -> b.refresh(null)),
        setter("refreshBatch", "refresher", b -> b.refreshBatch(null)),
        setter("create", "creator", b -> b.create(null)),
        setter("createBatch", "creator", b -> b.createBatch(null)),
        setter("onDelete", "deleter", b -> b.onDelete(null)),
        setter("terminal", "predicate", b -> b.terminal(null)),
        setter("batchBy", "key", b -> b.batchBy(null)),
        setter("listener", "listener", b -> b.listener(null)),
        setter("interval", "interval", b -> b.interval(null)),
        setter("unchangedWhen", "same", b -> b.unchangedWhen(null)),
        setter("keepTerminal", "time", b -> b.keepTerminal(null)),
        setter("refreshEvery", "period", b -> b.refreshEvery(null)),
        setter("refreshTimeout", "timeout", b -> b.refreshTimeout(null)),
        setter("backoff, initial", "initial", b -> b.backoff(null, Duration.ofSeconds(1))),
        setter("backoff, max", "max", b -> b.backoff(Duration.ofSeconds(1), null)),
        setter("closeTimeout", "timeout", b -> b.closeTimeout(null)),
        setter("ticker", "ticker", b -> b.ticker(null)));
  }

  private static Arguments setter(String member, String argument, Consumer<AutoRefreshBuilder<String, String>> call) {
    return arguments(member, argument, call);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("builderCalls")
  void G2_nullSetting_isNamed(String member, String argument, Consumer<AutoRefreshBuilder<String, String>> call) {
    AutoRefreshBuilder<String, String> builder = builder();
    assertNames(argument, () -> call.accept(builder));
    try (var cache = builder.build()) {
      assertThat(cache.getOrCreate("a")).as("the builder after %s was refused", member).isEqualTo("created");
    }
  }

  @Test
  void G2_nullInAnOutcome_isNamed() {
    assertNames("value", () -> Outcome.updated(null));
    assertNames("cause", () -> Outcome.failed(null));
    assertNames("age", () -> Outcome.unchanged().aged(null));
    assertNames("delay", () -> Outcome.updated("value").nextIn(null));
  }

  @Test
  void G2_nullDelay_isNamed() {
    assertNames("delay", () -> new RetryAfterException(null));
    assertNames("delay", () -> new RetryAfterException(null, new IOException()));
  }

  @Test
  void G2_nullSnapshot_isNamed() {
    try (var cache = builder().build()) {
      Stats stats = cache.stats();
      assertNames("earlier", () -> stats.minus(null));
    }
  }

  @Test
  void G2_thePackageItself_isNullMarked() {
    assertThat(AutoRefresh.class.getPackage().isAnnotationPresent(NullMarked.class)).isTrue();
  }
}
