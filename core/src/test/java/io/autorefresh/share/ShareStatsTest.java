package io.autorefresh.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cache counts what it asks and tells the exchange. */
@Timeout(60)
class ShareStatsTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Script exchange = new Script(ticker);
  private final AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("counted")
      .refreshEvery(PERIOD).ticker(ticker).refreshBatch(new Remote(ticker).answersAll(Outcome.unchanged()))
      .share(exchange, new Others.Numbers()).start();

  private void create(String id) {
    cache.getOrCreate(id, 1);
    ticker.settle();
  }

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void claimsAndPublishedEntries_areCounted() {
    create("a");
    create("b");
    ticker.advance(PERIOD.multipliedBy(3));
    Stats stats = cache.stats();
    assertThat(stats.claims()).isEqualTo(exchange.claims.size()).isGreaterThan(2);
    assertThat(stats.entriesPublished()).isEqualTo(exchange.published.size()).isGreaterThan(2);
    assertThat(stats.exchangeFailures()).isZero();
    assertThat(stats.entriesDropped()).isZero();
  }

  @Test
  void failedClaim_isCounted_andWhatIsFoundOutAlone_isDropped() {
    ticker.settle();
    exchange.onClaim = () -> {
      throw new IOException("of the test");
    };
    create("a");
    create("b");
    Stats stats = cache.stats();
    assertThat(stats.exchangeFailures()).isOne();
    assertThat(stats.entriesDropped()).isEqualTo(2);
    assertThat(stats.entriesPublished()).isZero();
  }

  @Test
  void entriesThatTheExchangeRefuses_areDropped() {
    exchange.onPublish = () -> {
      throw new IOException("of the test");
    };
    create("a");
    Stats stats = cache.stats();
    assertThat(stats.exchangeFailures()).isOne();
    assertThat(stats.entriesDropped()).isOne();
    assertThat(stats.entriesPublished()).isZero();
  }

  @Test
  void toStrings_showTheCounts() {
    create("a");
    int claims = exchange.claims.size();
    assertThat(cache.stats().toString()).contains(claims + " claims", "1 entries published");
    assertThat(cache).hasToString("AutoRefresh[counted, 1 items, running, " + claims
        + " claims, 0 failures of the exchange, 1 entries published, 0 dropped]");
  }
}
