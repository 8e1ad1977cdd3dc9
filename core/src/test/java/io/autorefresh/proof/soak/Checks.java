package io.autorefresh.proof.soak;

import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Logger;

/** Takes down what is wrong, from every thread; and what is logged of it, which is not printed. */
final class Checks implements AutoCloseable {

  private static final int ENOUGH = 20;

  /** The ids for which a refresh was asked in this round: also terminal ones are called then. */
  final Set<String> requested = ConcurrentHashMap.newKeySet();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final Map<Handler, Filter> before = new HashMap<>();

  Checks() {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      before.put(handler, handler.getFilter());
      handler.setFilter(entry -> {
        String message = String.valueOf(entry.getMessage());
        expect(!message.contains("has failed") && !message.contains("a job failed") && !message.contains("dropped"),
            "R5: the log says: " + message);
        return false;
      });
    }
  }

  void expect(boolean holds, String otherwise) {
    if (!holds && wrong.size() < ENOUGH) {
      wrong.add(otherwise);
    }
  }

  boolean isAllRight() {
    return wrong.isEmpty();
  }

  Iterable<String> wrong() {
    return wrong;
  }

  @Override
  public void close() {
    before.forEach(Handler::setFilter);
  }
}
