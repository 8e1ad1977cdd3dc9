package io.autorefresh;

/** Why an item left the cache. More causes may be added: match them with a default branch. */
public enum RemovalCause {
  /** Its {@linkplain AutoRefresh#deleteDelayed delayed deletion} was carried out. */
  DELETED,
  /** A refresh said that the remote no longer has it. */
  DELETED_BY_REMOTE,
  /** It made room for another item; {@link Deleter} was not called. */
  EVICTED,
  /** It was {@linkplain AutoRefresh#forget forgotten}; {@link Deleter} was not called. */
  FORGOTTEN,
  /** It was terminal for as long as {@link AutoRefreshBuilder#keepTerminal} says; {@link Deleter} was not called. */
  KEPT_LONG_ENOUGH
}
