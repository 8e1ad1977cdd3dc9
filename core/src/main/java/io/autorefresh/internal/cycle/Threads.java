package io.autorefresh.internal.cycle;

/** Where a cycle lets run what calls user code. */
interface Threads<K, V> {

  /** Starts a job, in a thread of its name. */
  void start(Job<K, V> job);

  /** Runs a task in a thread of that name and returns when it has ended; it may exhaust its stack or the heap. */
  void runApart(String name, Runnable task);

  /** Each in a thread of its own within the scope. */
  static <K, V> Threads<K, V> of(JobScope scope, NamedThreads threads) {
    return new Threads<>() {
      @Override
      public void start(Job<K, V> job) {
        threads.nameNext(job.name());
        scope.fork(job);
      }

      @Override
      public void runApart(String name, Runnable task) {
        threads.nameNext(name);
        scope.runApart(task);
      }
    };
  }
}
