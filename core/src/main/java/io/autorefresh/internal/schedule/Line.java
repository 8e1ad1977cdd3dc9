package io.autorefresh.internal.schedule;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Things in the order in which they are taken: an array and a cursor. A batch is one copy of a range, without work for
 * each thing: a deque, which clears one by one, took a third of the time of a hand-out. The array is dropped when the
 * last thing was taken. Not safe for use by several threads.
 */
final class Line<T> {

  private static final int MIN_LENGTH = 16;

  private final IntFunction<T[]> arrays;
  private T[] things;
  private int from;
  private int to;

  Line(IntFunction<T[]> arrays) {
    this.arrays = arrays;
    this.things = arrays.apply(0);
  }

  int size() { return to - from; }

  boolean isEmpty() { return from == to; }

  void add(T thing) {
    if (to == things.length) {
      makeRoom(1);
    }
    things[to++] = thing;
  }

  /** Makes room for the given number of further things, so that they are not copied several times. */
  void makeRoom(int more) {
    int size = size();
    T[] roomy = arrays.apply(Math.max(MIN_LENGTH, Math.max(size + more, size + size / 2)));
    System.arraycopy(things, from, roomy, 0, size);
    things = roomy;
    from = 0;
    to = size;
  }

  T get(int place) { return things[from + place]; }

  /** Takes a batch from the front. */
  T[] take(int most) {
    T[] batch = Arrays.copyOfRange(things, from, from + Math.min(most, size()));
    from += batch.length;
    if (from == to) {
      clear();
    }
    return batch;
  }

  /** Takes the first thing. */
  T poll() {
    T first = things[from++];
    if (from == to) {
      clear();
    }
    return first;
  }

  void forEach(Consumer<? super T> visitor) {
    for (int i = from; i < to; i++) {
      visitor.accept(things[i]);
    }
  }

  void removeIf(Predicate<? super T> condition) {
    int kept = from;
    for (int i = from; i < to; i++) {
      if (!condition.test(things[i])) {
        things[kept++] = things[i];
      }
    }
    to = kept;
  }

  /** Moves the things behind the given one to the front, if the line has it. */
  void beginBehind(T thing) {
    for (int i = from; i < to - 1; i++) {
      if (things[i] == thing) {
        T[] front = Arrays.copyOfRange(things, from, i + 1);
        System.arraycopy(things, i + 1, things, from, to - i - 1);
        System.arraycopy(front, 0, things, to - front.length, front.length);
        return;
      }
    }
  }

  void clear() {
    things = arrays.apply(0);
    from = 0;
    to = 0;
  }
}
