package io.autorefresh.internal.cycle;

/** Where a cycle lets run what calls user code. */
interface Threads<K, V> {

  /** Starts a job. */
  void start(Job<K, V> job);

  /** Runs a task and returns when it has ended; it may exhaust its stack or the heap. */
  void runApart(Runnable task);

  /** Each in a thread of its own within the scope. */
  static <K, V> Threads<K, V> of(JobScope scope) {
    return new Threads<>() {
      @Override
      public void start(Job<K, V> job) {
        scope.fork(job);
      }

      @Override
      public void runApart(Runnable task) {
        scope.runApart(task);
      }
    };
  }
}
