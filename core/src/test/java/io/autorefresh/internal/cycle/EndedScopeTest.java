package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A scope of which a task threw: from JDK 25 on it starts nothing more; before, it does not mind. */
@Timeout(60)
class EndedScopeTest {

  private final NamedThreads threads = new NamedThreads(new Settings<>());
  private volatile Thread last;

  @Test
  void aTaskThatCannotRunAnyMore_isRefused() throws Exception {
    try (JobScope scope = JobScope.open("items", task -> last = threads.newThread(task))) {
      threads.virtual("first");
      scope.fork(() -> {
        throw new IllegalStateException("of the test");
      });
      // It has ended when its thread has.
      last.join();
      threads.virtual("second");
      boolean refused = isRefused(scope, () -> null);
      if (!refused) {
        assertThat(last.getName()).isEqualTo("second");
      }
      assertThat(refused).isEqualTo(Runtime.version().feature() >= 25);
      join(scope);
    }
  }

  private static boolean isRefused(JobScope scope, Callable<?> task) {
    try {
      scope.fork(task);
      return false;
    } catch (RejectedExecutionException e) {
      return true;
    }
  }

  private static void join(JobScope scope) throws InterruptedException {
    try {
      scope.join();
    } catch (RuntimeException e) {
      assertThat(e).hasRootCauseMessage("of the test");
    }
  }
}
