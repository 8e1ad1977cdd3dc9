package io.autorefresh.redis;

import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Receiver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Notes what comes. */
final class Recorder implements Receiver {

  final BlockingQueue<Entry> entries = new LinkedBlockingQueue<>();
  final AtomicInteger interruptions = new AtomicInteger();

  @Override
  public void received(List<Entry> received) {
    entries.addAll(received);
  }

  @Override
  public void interrupted() {
    interruptions.incrementAndGet();
  }
}
