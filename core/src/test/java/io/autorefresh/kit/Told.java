package io.autorefresh.kit;

import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import org.jspecify.annotations.Nullable;

/** An event as a value that tests can compare: its kind, its id and item, and what its kind adds. */
public record Told(String kind, Object id, Object item, @Nullable Object detail) {

  public static Told of(ItemEvent<?, ?> event) {
    Object detail = null;
    String kind;
    if (event instanceof ItemEvent.Created<?, ?>) {
      kind = "created";
    } else if (event instanceof ItemEvent.Updated<?, ?> updated) {
      kind = "updated";
      detail = updated.previous();
    } else if (event instanceof ItemEvent.BecameTerminal<?, ?>) {
      kind = "became terminal";
    } else if (event instanceof ItemEvent.Removed<?, ?> removed) {
      kind = "removed";
      detail = removed.cause();
    } else if (event instanceof ItemEvent.RefreshFailed<?, ?> failed) {
      kind = "refresh failed";
      detail = failed.failures();
    } else if (event instanceof ItemEvent.DeletionFailed<?, ?> failed) {
      kind = "deletion failed";
      detail = failed.failures();
    } else if (event instanceof ItemEvent.Recovered<?, ?> recovered) {
      kind = "recovered";
      detail = recovered.failures();
    } else {
      throw new AssertionError("an event of no known kind: " + event);
    }
    return new Told(kind, event.id(), event.item(), detail);
  }

  public static Told created(Object id, Object item) {
    return new Told("created", id, item, null);
  }

  public static Told updated(Object id, Object previous, Object item) {
    return new Told("updated", id, item, previous);
  }

  public static Told becameTerminal(Object id, Object item) {
    return new Told("became terminal", id, item, null);
  }

  public static Told removed(Object id, Object item, RemovalCause cause) {
    return new Told("removed", id, item, cause);
  }

  public static Told refreshFailed(Object id, Object item, int failures) {
    return new Told("refresh failed", id, item, failures);
  }

  public static Told deletionFailed(Object id, Object item, int failures) {
    return new Told("deletion failed", id, item, failures);
  }

  public static Told recovered(Object id, Object item, int failures) {
    return new Told("recovered", id, item, failures);
  }
}
