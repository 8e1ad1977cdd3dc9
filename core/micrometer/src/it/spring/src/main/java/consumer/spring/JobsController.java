package consumer.spring;

import io.autorefresh.AutoRefresh;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the jobs, from memory. */
@RestController
class JobsController {

  private final AutoRefresh<String, Job> jobs;

  JobsController(AutoRefresh<String, Job> jobs) {
    this.jobs = jobs;
  }

  @GetMapping("/jobs/{id}")
  String get(@PathVariable String id) {
    return jobs.getOrThrow(id).state() + (Thread.currentThread().isVirtual() ? ", by a virtual thread" : "");
  }

  @PutMapping("/jobs/{id}")
  void put(@PathVariable String id) {
    jobs.getOrCreate(id, Job.submitted());
  }

  @DeleteMapping("/jobs/{id}")
  void delete(@PathVariable String id) {
    jobs.deleteDelayed(id);
  }
}
