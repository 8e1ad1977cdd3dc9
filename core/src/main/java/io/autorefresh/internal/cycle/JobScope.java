package io.autorefresh.internal.cycle;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@code StructuredTaskScope}, on every JDK from 21 on. On 25 to 28 it stands for
 *
 * <pre>{@code
 * try (var scope = StructuredTaskScope.open(
 *     Joiner.awaitAllSuccessfulOrThrow(), config -> config.withName(name).withThreadFactory(factory))) {
 *   scope.fork(task);
 *   scope.join();
 * }
 * }</pre>
 *
 * and on 21 to 24, where the scope was a class, for
 *
 * <pre>{@code
 * try (var scope = new StructuredTaskScope<>(name, factory)) {
 *   scope.fork(task);
 *   scope.join();
 * }
 * }</pre>
 *
 * <p>The API is in preview until 27 (JEP 453, 462, 480, 499, 505, 525, 533), and its two shapes cannot be compiled
 * together. Class files that use a preview API are marked for one release; calls by method handle need neither mark
 * nor flag (JEP 12). This class is the only one that knows of the shapes.
 *
 * <p>Used by one thread, its owner, which opens it, forks, joins and closes. Tasks must not throw: the joiner would
 * cancel the scope. From then on the API forks without starting anything, and says nothing; so a fork checks here
 * whether the API asked for a thread.
 */
public final class JobScope implements AutoCloseable {

  private static final String SCOPE = "java.util.concurrent.StructuredTaskScope";
  private static final Shape SHAPE = Shape.find();

  private final Object scope;
  private final ThreadFactory factory;
  private boolean forked;
  private boolean joined;
  /** Whether the latest fork has come so far as to make a thread. */
  private boolean made;

  private JobScope(String name, ThreadFactory factory) {
    this.factory = factory;
    this.scope = call(() -> SHAPE.open.invokeExact(name, (ThreadFactory) this::make));
  }

  /** Opens a scope with the name, whose tasks run on threads of the factory. */
  public static JobScope open(String name, ThreadFactory factory) { return new JobScope(name, factory); }

  private @Nullable Thread make(Runnable task) {
    made = true;
    return factory.newThread(task);
  }

  /**
   * Starts a thread for a task that does not throw.
   *
   * @throws RejectedExecutionException if the scope has ended before its time, or the factory gives no thread
   */
  public void fork(Callable<?> task) {
    forked = true;
    joined = false;
    made = false;
    call(() -> SHAPE.fork.invokeExact(scope, task));
    if (!made) {
      throw new RejectedExecutionException("the scope has ended before its time, since a task threw");
    }
  }

  /**
   * Waits until all tasks have ended.
   *
   * @throws RuntimeException if the scope has ended before its time, since a task threw, which is the cause
   */
  public void join() throws InterruptedException {
    joined = true;
    try {
      SHAPE.join.invokeExact(scope);
    } catch (InterruptedException | RuntimeException | Error e) {
      throw e;
    } catch (ExecutionException e) {
      // From 27 on; before, it is an unchecked one of the API's own.
      throw new IllegalStateException("a task threw", e.getCause());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Interrupts the tasks that still run and waits, for as long as it takes, until they have ended. */
  @Override
  public void close() {
    try {
      if (forked && !joined) {
        // Only after an unexpected exception of the owner: no scope may be closed without an attempt to join.
        Thread.currentThread().interrupt();
        try {
          join();
          Thread.interrupted();
        } catch (InterruptedException e) {
          // as intended: the attempt counts, and closing ends the tasks
          joined = true;
        }
      }
    } finally {
      call(() -> {
        SHAPE.close.invokeExact(scope);
        return this;
      });
    }
  }

  private interface Call {
    Object call() throws Throwable;
  }

  private static Object call(Call call) {
    try {
      return call.call();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The four operations, each with the scope as an Object. */
  private record Shape(MethodHandle open, MethodHandle fork, MethodHandle join, MethodHandle close) {

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    Shape {
      open = open.asType(MethodType.methodType(Object.class, String.class, ThreadFactory.class));
      fork = fork.asType(MethodType.methodType(Object.class, Object.class, Callable.class));
      join = join.asType(MethodType.methodType(void.class, Object.class));
      close = close.asType(MethodType.methodType(void.class, Object.class));
    }

    static Shape find() {
      try {
        Class<?> type = Class.forName(SCOPE);
        MethodHandle open = type.isInterface() ? openInterface(type) : openClass(type);
        MethodHandle fork = LOOKUP.unreflect(type.getMethod("fork", Callable.class));
        return new Shape(open, fork, method(type, "join", 0), method(type, "close", 0));
      } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
        throw new UnsupportedOperationException("this JDK has no StructuredTaskScope of a known shape", e);
      }
    }

    private static MethodHandle openClass(Class<?> type) throws ReflectiveOperationException {
      return LOOKUP.unreflectConstructor(type.getConstructor(String.class, ThreadFactory.class));
    }

    private static MethodHandle openInterface(Class<?> type) throws ReflectiveOperationException {
      Class<?> configuration = Class.forName(SCOPE + "$Configuration");
      MethodHandle joiner = method(Class.forName(SCOPE + "$Joiner"), "awaitAllSuccessfulOrThrow", 0);
      MethodHandle configure = method(Shape.class, "configure", 4);
      configure = MethodHandles.insertArguments(
          configure, 0, method(configuration, "withName", 1), method(configuration, "withThreadFactory", 1));
      MethodHandle open = method(type, "open", 2);
      open = open.asType(open.type().changeParameterType(1, UnaryOperator.class));
      return MethodHandles.collectArguments(MethodHandles.foldArguments(open, joiner), 0, configure);
    }

    /** Run by the handle that opens a scope. */
    static UnaryOperator<Object> configure(
        MethodHandle withName, MethodHandle withFactory, String name, ThreadFactory factory) {
      return configuration -> call(() -> withFactory.invoke(withName.invoke(configuration, name), factory));
    }

    private static MethodHandle method(Class<?> type, String name, int parameters)
        throws ReflectiveOperationException {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(name) && method.getParameterCount() == parameters) {
          return LOOKUP.unreflect(method);
        }
      }
      throw new NoSuchMethodException(type.getName() + "." + name);
    }
  }
}
