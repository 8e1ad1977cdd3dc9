package consumer.kotlin

import io.autorefresh.AutoRefresh
import io.autorefresh.ItemEvent
import io.autorefresh.Outcome
import io.autorefresh.RetryAfterException
import java.time.Duration

/** The lines that are marked do not compile, and no others: `verify.bsh` looks for their errors in the log. */
fun mistakes(cache: AutoRefresh<String, String>, later: Duration, given: String?, event: ItemEvent<String, String>) {
  val builder = AutoRefresh.builder<String, String>()
  builder.name(null) // error
  builder.name("jobs")
  builder.refreshEvery(null) // error
  builder.refresh(null) // error
  builder.refresh { _, _ -> null }
  builder.refresh { _, current: String? -> current }
  builder.refreshBatch { null } // error
  builder.refreshBatch { items -> items.mapValues { null } } // error
  builder.refreshBatch { items -> items.mapValues { Outcome.unchanged() } }
  builder.create { null } // error
  builder.create { id -> id }
  builder.createBatch { null } // error
  builder.createBatch { ids -> ids.associateWith { given } } // error
  builder.createBatch { ids -> ids.associateWith { it } }
  builder.onDelete(null) // error
  builder.interval { _, _ -> null } // error
  builder.ticker(null) // error
  AutoRefresh.builder<String, String?>() // error
  AutoRefresh.builder<String?, String>() // error

  cache.get(null) // error
  cache.get(given) // error
  val value: String = cache.get("a") // error
  val maybe: String? = cache.get("a")
  cache.get("a").length // error
  cache.getOrThrow("a").length
  cache.getOrCreate("a", null) // error
  cache.getOrCreate("a", given) // error
  cache.getOrCreate("a") { null } // error
  cache.getOrCreate("a", "b").length
  cache.await("a", null, later) // error
  cache.await("a", { true }, null) // error
  cache.await("a", { true }, later).length
  cache.refreshNow(null, later) // error
  cache.getFresh("a", null, later) // error
  cache.inspect(null) // error
  cache.deleteDelayed(null) // error
  cache.forget(null) // error

  Outcome.updated(null) // error
  Outcome.updated<String>(null) // error
  Outcome.updated<String?>("a") // error
  Outcome.failed<String>(null) // error
  Outcome.updated("a").aged(null) // error
  Outcome.updated("a").value().length // error
  RetryAfterException(null) // error
  if (event is ItemEvent.Updated) {
    event.id().length
  }
}
