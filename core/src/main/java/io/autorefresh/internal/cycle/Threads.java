package io.autorefresh.internal.cycle;

/** Where a cycle lets run what calls user code. */
interface Threads<K, V> {

  /** Starts a job, in a thread of its name. */
  void start(Job<K, V> job);

  /** As {@link JobScope#runApart}, in a thread of that name. */
  void runApart(String name, Runnable task, Runnable onInterrupt);

  /** Each in a thread of its own within the scope. */
  static <K, V> Threads<K, V> of(JobScope scope, NamedThreads threads) {
    return new Threads<>() {
      @Override
      public void start(Job<K, V> job) {
        threads.nameNext(job.name());
        scope.fork(job);
      }

      @Override
      public void runApart(String name, Runnable task, Runnable onInterrupt) {
        threads.nameNext(name);
        scope.runApart(task, onInterrupt);
      }
    };
  }
}
