package io.autorefresh.share;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.autorefresh.testing.ExchangeChecks;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The checks of the kit on the exchange in memory. */
class MemoryExchangeKitTest {

  private final MemoryExchange store = new MemoryExchange();

  @TestFactory
  Stream<DynamicTest> checks() {
    return new ExchangeChecks(store::connect).flush(store::clear).checks().stream()
        .map(check -> dynamicTest(check.name(), check::run));
  }
}
