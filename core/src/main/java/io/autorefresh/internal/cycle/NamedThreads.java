package io.autorefresh.internal.cycle;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads, each of the kind and with the name that were given last. They inherit no thread locals, their context
 * class loader is the one of the settings, and they do not keep the JVM alive. Used by one thread.
 */
public final class NamedThreads implements ThreadFactory {

  private final Thread.Builder virtual = Thread.ofVirtual().inheritInheritableThreadLocals(false);
  private final Thread.Builder platform = Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false);
  private final @Nullable ClassLoader loader;
  private final @Nullable DrivenTicker driven;
  private Thread.Builder next = virtual;

  public NamedThreads(Settings<?, ?> settings) {
    this.loader = settings.loader == ClassLoader.getSystemClassLoader() ? null : settings.loader;
    this.driven = settings.ticker instanceof DrivenTicker movedByHand ? movedByHand : null;
  }

  /** The threads to come are virtual ones of that name. */
  public NamedThreads virtual(String name) {
    next = virtual.name(name);
    return this;
  }

  /** The threads to come are platform threads of that name: what they supervise may occupy all carriers. */
  public NamedThreads platform(String name) {
    next = platform.name(name);
    return this;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = next.unstarted(driven == null ? task : () -> runAndLeave(task));
    if (driven != null) {
      driven.enter(thread);
    }
    if (loader != null) {
      thread.setContextClassLoader(loader);
    }
    return thread;
  }

  private void runAndLeave(Runnable task) {
    try {
      task.run();
    } finally {
      leave();
    }
  }

  /** The calling thread is one of the cache's from now on. */
  public void enter() {
    if (driven != null) {
      driven.enter(Thread.currentThread());
    }
  }

  /** The calling thread is none of the cache's any more. */
  public void leave() {
    if (driven != null) {
      driven.leave();
    }
  }
}
