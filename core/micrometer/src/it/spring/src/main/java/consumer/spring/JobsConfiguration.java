package consumer.spring;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.micrometer.AutoRefreshMetrics;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The recipe. Spring closes the beans in the reverse order, once the web server has served its last request: first the
 * metrics, then the cache, which carries out the pending deletions, then the client of the remote.
 */
@Configuration(proxyBeanMethods = false)
class JobsConfiguration {

  /** The jobs known before the start are those that {@link Stats#isReady} waits for. */
  @Bean
  AutoRefresh<String, Job> jobs(JobApi api) {
    AutoRefresh<String, Job> jobs = AutoRefresh.<String, Job>builder()
        .name("jobs")
        .refreshBatch(api::statuses)
        .refreshEvery(Duration.ofMinutes(1))
        .terminal(Job::isDone)
        .onDelete((id, job) -> api.release(id))
        .recordStats()
        .build();
    api.known().forEach(id -> jobs.getOrCreate(id, Job.submitted()));
    jobs.start();
    return jobs;
  }

  /** Spring binds it to its registry, and so to the end-point. */
  @Bean
  AutoRefreshMetrics jobsMetrics(AutoRefresh<String, Job> jobs) {
    return new AutoRefreshMetrics(jobs, "jobs");
  }

  @Bean
  HealthIndicator jobsHealthIndicator(AutoRefresh<String, Job> jobs) {
    return () -> {
      Stats stats = jobs.stats();
      Health.Builder alive = stats.isReady() ? Health.up() : Health.outOfService();
      return (stats.hasFailed() ? Health.down() : alive)
          .withDetail("size", stats.size())
          .withDetail("failing", stats.failing())
          .withDetail("period", stats.period().toString())
          .build();
    };
  }
}
