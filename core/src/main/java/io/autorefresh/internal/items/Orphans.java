package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that run although their jobs have lost the item: it was marked, removed or evicted in flight. Such a call
 * has no effect. No call of a later generation of the id begins before the orphan ends, since an id is never in two
 * running calls. Only the deletion of the orphan's own item does not wait for it. Guarded by the stripe's lock.
 */
final class Orphans<K> {

  private final Map<K, List<Token>> byId = new HashMap<>(2);

  void add(K id, Token call) {
    List<Token> calls = byId.computeIfAbsent(id, absent -> new ArrayList<>(1));
    if (!calls.contains(call)) {
      calls.add(call);
    }
  }

  /** The call has ended, or was abandoned. */
  void remove(K id, Token call) {
    if (!byId.isEmpty()) {
      byId.computeIfPresent(id, (same, calls) -> calls.remove(call) && calls.isEmpty() ? null : calls);
    }
  }

  /** Returns the last such call of an id, or null. */
  @Nullable Token of(K id) {
    List<Token> calls = byId.isEmpty() ? null : byId.get(id);
    return calls == null ? null : calls.getLast();
  }
}
