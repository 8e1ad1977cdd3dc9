package io.autorefresh.kit;

import static org.assertj.core.api.Assertions.fail;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A thread of a test's own that runs one task, and whose end is waited for, though not for ever. */
public final class Worker<T> {

  private static final long PATIENCE_SECONDS = 30;

  private final Thread thread;
  private volatile @Nullable T result;
  private volatile @Nullable Throwable failure;

  private Worker(Callable<? extends T> task) {
    thread = Thread.ofPlatform().daemon().unstarted(() -> {
      try {
        result = task.call();
      } catch (Throwable e) {
        failure = e;
      }
    });
  }

  /** A task in one of many threads. */
  @FunctionalInterface
  public interface Numbered<T> {
    T call(int number) throws Exception;
  }

  /** A task without a result. */
  @FunctionalInterface
  public interface Task {
    void run() throws Exception;
  }

  /** Starts a thread. */
  public static <T> Worker<T> start(Callable<? extends T> task) {
    Worker<T> worker = new Worker<>(task);
    worker.thread.start();
    return worker;
  }

  /** Starts a thread for a task without a result. */
  public static Worker<Void> start(Task task) {
    return start(() -> {
      task.run();
      return null;
    });
  }

  /** Lets so many threads begin a task at one moment; they may still run when this returns. */
  public static <T> List<Worker<T>> startTogether(int threads, Numbered<? extends T> task) {
    CyclicBarrier barrier = new CyclicBarrier(threads);
    List<Worker<T>> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      workers.add(start(() -> {
        barrier.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return task.call(number);
      }));
    }
    return workers;
  }

  /** Runs a task in so many threads that begin at one moment, and returns what they returned. */
  public static <T> List<T> together(int threads, Numbered<? extends T> task) throws Exception {
    List<T> results = new ArrayList<>();
    for (Worker<T> worker : Worker.<T>startTogether(threads, task)) {
      results.add(worker.result());
    }
    return results;
  }

  /** Waits for the end of the task and returns its result; fails if it threw. */
  public T result() throws Exception {
    join();
    if (failure != null) {
      throw new AssertionError("the worker failed", failure);
    }
    return result;
  }

  /** Waits for the end of the task and returns what it threw; fails if it returned. */
  public Throwable failure() throws Exception {
    join();
    return failure != null ? failure : fail("the worker returned %s", result);
  }

  /** Returns when the thread waits for something other than a lock, which it may get at any time, or has ended. */
  public Worker<T> awaitWaiting() throws Exception {
    Await.until("the worker waits", () -> {
      ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(thread.threadId());
      return info == null || switch (info.getThreadState()) {
        case WAITING, TIMED_WAITING -> !isLock(info.getLockInfo());
        case TERMINATED -> true;
        default -> false;
      };
    });
    return this;
  }

  private static boolean isLock(@Nullable LockInfo blocker) {
    return blocker != null && blocker.getClassName().startsWith(ReentrantLock.class.getName());
  }

  public boolean isDone() {
    return !thread.isAlive();
  }

  public void interrupt() {
    thread.interrupt();
  }

  private void join() throws InterruptedException {
    thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    if (thread.isAlive()) {
      AssertionError error = new AssertionError("the worker did not end in " + PATIENCE_SECONDS + " s; it is at:");
      error.setStackTrace(thread.getStackTrace());
      throw error;
    }
  }
}
