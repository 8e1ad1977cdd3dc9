package io.autorefresh.share;

/**
 * Makes text of ids and bytes of values, and the reverse. All JVMs that share use codecs that understand each other.
 *
 * <p>An exception fails that id or value alone: the item is then refreshed by each JVM for itself. It is counted and
 * logged. All methods may be called by several threads at once, and never under a lock of the library.
 *
 * <p>Bytes may come from another release of the program or from an attacker with write access to the exchange: decode
 * with a format that creates no objects but those of the value, and never with Java serialization.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public interface Codec<K, V> {

  /**
   * Returns the id as text: equal texts for equal ids, different texts for different ids.
   *
   * @param id the id
   * @return its text, not empty
   */
  String text(K id);

  /**
   * Returns the id of a text.
   *
   * @param text what {@link #text} returned, or what somebody else has written
   * @return the id
   */
  K id(String text);

  /**
   * Returns a value as bytes.
   *
   * @param value the value
   * @return its bytes, which nobody changes afterwards
   * @throws Exception if that cannot be done: the value is not shared
   */
  byte[] encode(V value) throws Exception;

  /**
   * Returns the value of bytes.
   *
   * @param bytes what {@link #encode} returned, or what somebody else has written
   * @return the value
   * @throws Exception if the bytes are no value: they are ignored
   */
  V decode(byte[] bytes) throws Exception;
}
