package io.autorefresh.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jol.info.GraphLayout;
import org.openjdk.jol.vm.VM;

/**
 * JOL walks over everything that is reachable from the peer, once empty and once full to its bound by twice as many
 * creations; the difference, less the ids and the values that the peer still holds, is divided by their number. The
 * walk is the operation, so that the time has no meaning here. The layout is pinned, and is the same for every peer:
 * object headers of twelve bytes, references of four, objects aligned to eight. The run fails if it is another.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-XX:+IgnoreUnrecognizedVMOptions",
      "-XX:-UseCompactObjectHeaders",
      "-XX:+UseCompressedOops",
      "-XX:+EnableDynamicAgentLoading",
      "-Djdk.attach.allowAttachSelf=true",
      "-Djol.magicFieldOffset=true",
      "-Djol.skipHotspotSAAttach=true"
    })
public class HeapBenchmark {

  static final String QUESTION = "How many bytes of heap does an item take beyond its id and its value?";

  private static final int HEADER = 12;

  /** The peer that holds the items. */
  @Param Peer peer;

  /** How many items it may hold. */
  @Param({"100000"})
  int items;

  /**
   * Measures the bytes.
   *
   * @return the bytes per item
   */
  @Benchmark
  public double heap() {
    if (VM.current().objectHeaderSize() != HEADER) {
      throw new IllegalStateException("another layout: " + VM.current().details());
    }
    try (Store used = peer.open(items)) {
      fill(used);
    }
    Store store = peer.open(items);
    long empty = bytes(store.root());
    fill(store);
    long full = bytes(store.root());
    long held = store.size();
    long own = bytes(Ids.of(1, 3)[0]) + bytes(new Item(1));
    double heap = (double) (full - empty) / held - own;
    Gauges.report(Gauges.HEAP, heap, "B/item");
    store.close();
    return heap;
  }

  private void fill(Store store) {
    int creations = peer.isBounded() ? 2 * items : items;
    for (String id : Ids.of(creations, 1)) {
      store.getOrCreate(id, new Item(1));
    }
    store.settle();
  }

  private static long bytes(Object root) {
    return GraphLayout.parseInstance(root).totalSize();
  }
}
