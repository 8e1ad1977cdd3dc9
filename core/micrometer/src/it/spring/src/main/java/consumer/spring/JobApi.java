package consumer.spring;

import io.autorefresh.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Stands for the client of the remote: it answers once it is open. */
@Component
class JobApi {

  final CountDownLatch open = new CountDownLatch(1);
  final Queue<String> released = new ConcurrentLinkedQueue<>();

  /** The jobs that are known at the start. */
  List<String> known() {
    return List.of("job-1");
  }

  Map<String, Outcome<Job>> statuses(Map<String, Job> jobs) throws InterruptedException {
    open.await();
    var running = Outcome.updated(new Job("running"));
    return jobs.keySet().stream().collect(Collectors.toMap(Function.identity(), id -> running));
  }

  void release(String id) {
    released.add(id);
  }
}
