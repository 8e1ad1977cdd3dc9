package io.autorefresh.internal.cycle;

import java.util.concurrent.ThreadFactory;

/**
 * Makes virtual threads, each with the name that was given last. It is an object of its own because that is written
 * for every job: threads that read what lies beside it would be slowed down. Used by one thread.
 */
public final class NamedThreads implements ThreadFactory {

  private String next = "";

  /** Names the threads to come. */
  public void nameNext(String name) {
    next = name;
  }

  @Override
  public Thread newThread(Runnable task) {
    return Thread.ofVirtual().name(next).unstarted(task);
  }
}
