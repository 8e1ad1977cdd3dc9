package consumer.kotlin

import io.autorefresh.AutoRefresh
import io.autorefresh.Outcome
import java.time.Duration

private data class Job(val polls: Int) {
  val done get() = polls >= 3
}

/** Creates a job and a counter, waits until the background has found the job done, and says so. */
fun main() {
  AutoRefresh.builder<String, Job>()
      .name("jobs")
      .refresh { id, job -> if (id == "gone") null else job.copy(polls = job.polls + 1) }
      .refreshEvery(Duration.ofMillis(100))
      .terminal { it.done }
      .start()
      .use { jobs ->
        check(jobs.getOrCreate("a", Job(0)).polls == 0)
        val done: Job = jobs.await("a", { it.done }, Duration.ofSeconds(30))
        check(done.polls == 3)
        check(jobs.getOrThrow("a") == done)
        check(jobs.get("absent")?.done == null)
        check(jobs["a"]?.done == true)
        check(jobs.asMap().values.count { it.done } == 1 && jobs.asMap().keys == setOf("a"))
        check(jobs.inspect("a").orElseThrow().lastFailure().isEmpty)
      }

  AutoRefresh.builder<Int, String>()
      .create { id -> "item $id" }
      .refreshBatch { items -> items.mapValues { (id, _) -> Outcome.updated("$id is new") } }
      .refreshEvery(Duration.ofHours(1))
      .start()
      .use { texts ->
        check(texts.getOrCreate(7) == "item 7")
        check(texts.refreshNow(7, Duration.ofSeconds(30)) == "7 is new")
        val absent: String? = texts.get(8)
        check(absent == null)
      }
  println("refreshed and awaited, by Kotlin ${KotlinVersion.CURRENT}")
}
