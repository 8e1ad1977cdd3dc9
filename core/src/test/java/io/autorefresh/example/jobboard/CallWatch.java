package io.autorefresh.example.jobboard;

import java.util.Collection;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Watches calls from one side of the wire: how many there are at once, how many begin in a second, and whether an id is
 * ever in two of them. One watch stands in the client, inside the library's callbacks, where all of this is exact; a
 * second one in the service, where a call that the client has cut off may go on for a while. It never blocks a call: it
 * counts what is wrong and lets it happen.
 */
final class CallWatch {

  private final Set<String> idsInCalls = ConcurrentHashMap.newKeySet();
  private final LongAdder overlaps = new LongAdder();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final Queue<Long> begins = new ConcurrentLinkedQueue<>();

  void begin(Collection<String> ids) {
    begins.add(System.nanoTime());
    mostAtOnce.accumulateAndGet(running.incrementAndGet(), Math::max);
    overlaps.add(ids.stream().filter(id -> !idsInCalls.add(id)).count());
  }

  void end(Collection<String> ids) {
    ids.forEach(idsInCalls::remove);
    running.decrementAndGet();
  }

  int running() {
    return running.get();
  }

  long calls() {
    return begins.size();
  }

  long overlaps() {
    return overlaps.sum();
  }

  int mostAtOnce() {
    return mostAtOnce.get();
  }

  /** The most calls that began in any one second, wherever it begins. */
  int mostInOneSecond() {
    long[] times = begins.stream().mapToLong(Long::longValue).sorted().toArray();
    int most = 0;
    for (int last = 0, first = 0; last < times.length; last++) {
      while (times[last] - times[first] >= TimeUnit.SECONDS.toNanos(1)) {
        first++;
      }
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}
