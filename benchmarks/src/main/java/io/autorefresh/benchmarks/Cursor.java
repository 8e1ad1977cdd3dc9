package io.autorefresh.benchmarks;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/** The place of one thread in the draws that all threads share. Each thread begins at another place. */
@State(Scope.Thread)
public class Cursor {

  private int next;

  /**
   * Places the threads evenly over the draws.
   *
   * @param threads says which thread of how many this is
   */
  @Setup
  public void begin(ThreadParams threads) {
    next = (int) ((long) Ids.DRAWS * threads.getThreadIndex() / threads.getThreadCount());
  }

  String of(String[] draws) {
    return draws[next++ & (Ids.DRAWS - 1)];
  }
}
