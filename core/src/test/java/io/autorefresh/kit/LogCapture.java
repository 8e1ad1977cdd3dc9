package io.autorefresh.kit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Takes what is logged while it is open, and keeps it off the console.
 *
 * <p>{@link System.Logger} ends in {@code java.logging}, which the module under test, and therefore its tests, do not
 * read; so this goes there by reflection: it is a filter, refusing all, of the handlers of the root logger.
 */
public final class LogCapture implements AutoCloseable {

  private static final String PACKAGE = "java.util.logging.";

  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final Object[] handlers;

  private LogCapture() throws ReflectiveOperationException {
    Object root = Class.forName(PACKAGE + "Logger").getMethod("getLogger", String.class).invoke(null, "");
    handlers = (Object[]) root.getClass().getMethod("getHandlers").invoke(root);
    for (Object handler : handlers) {
      Object formatter = handlerMethod("getFormatter").invoke(handler);
      setFilter(handler, (proxy, method, args) -> {
        try {
          entries.add((String) Class.forName(PACKAGE + "Formatter")
              .getMethod("format", Class.forName(PACKAGE + "LogRecord")).invoke(formatter, args[0]));
        } catch (InvocationTargetException e) {
          entries.add("WARNING of an exception that cannot be formatted");
        }
        return false;
      });
    }
  }

  public static LogCapture open() throws ReflectiveOperationException {
    return new LogCapture();
  }

  /** What was logged, an entry each: time, logger, level, message and stack trace. */
  public List<String> entries() {
    return entries;
  }

  @Override
  public void close() throws ReflectiveOperationException {
    for (Object handler : handlers) {
      setFilter(handler, null);
    }
  }

  private static void setFilter(Object handler, InvocationHandler filter) throws ReflectiveOperationException {
    Class<?> type = Class.forName(PACKAGE + "Filter");
    Object proxy = filter == null ? null : Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, filter);
    handlerMethod("setFilter", type).invoke(handler, proxy);
  }

  private static Method handlerMethod(String name, Class<?>... types)
      throws ReflectiveOperationException {
    return Class.forName(PACKAGE + "Handler").getMethod(name, types);
  }
}
