package io.autorefresh.internal.cycle;

import java.util.concurrent.ThreadFactory;

/**
 * Makes virtual threads, each with the name that was given last. Used by one thread.
 */
public final class NamedThreads implements ThreadFactory {

  /** The name of the next one, {@linkplain Apart apart} from what jobs read of their cycle's scope. */
  private final String[] next = new String[Apart.LENGTH];

  /** Names the threads to come. */
  public void nameNext(String name) {
    next[Apart.PLACE] = name;
  }

  @Override
  public Thread newThread(Runnable task) {
    return Thread.ofVirtual().name(next[Apart.PLACE]).unstarted(task);
  }
}
