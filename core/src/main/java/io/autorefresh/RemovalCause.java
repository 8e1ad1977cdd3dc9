package io.autorefresh;

/** Why an item left the cache. More causes may be added: match them with a default branch. */
public enum RemovalCause {
  /** Its {@linkplain AutoRefresh#deleteDelayed delayed deletion} was carried out. */
  DELETED,
  /** A refresh reported it as deleted by the remote. */
  DELETED_BY_REMOTE,
  /** It made room for another item; {@link Deleter} was not called. */
  EVICTED,
  /** It was {@linkplain AutoRefresh#forget forgotten}; {@link Deleter} was not called. */
  FORGOTTEN,
  /** It had been terminal for the time of {@link AutoRefreshBuilder#keepTerminal}; {@link Deleter} was not called. */
  KEPT_LONG_ENOUGH
}
