package io.autorefresh.reads;

import com.google.common.collect.testing.MapTestSuiteBuilder;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import io.autorefresh.AutoRefresh;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.stream.Stream;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Guava's suite for maps, as far as it takes one that cannot be changed, on {@link AutoRefresh#asMap}. */
class MapSuiteTest {

  private static final class Generator extends TestStringMapGenerator {

    @Override
    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
      AutoRefresh<String, String> cache = AutoRefresh.<String, String>builder()
          .refresh((id, value) -> value).refreshEvery(Duration.ofHours(1)).build();
      Map.ofEntries(entries).forEach((id, value) -> cache.getOrCreate(id, value));
      return cache.asMap();
    }
  }

  @TestFactory
  Stream<DynamicNode> asMap_passesTheSuiteForMaps() {
    return nodes(MapTestSuiteBuilder.using(new Generator())
        .named("asMap")
        .withFeatures(
            CollectionSize.ANY, MapFeature.REJECTS_DUPLICATES_AT_CREATION, CollectionFeature.NON_STANDARD_TOSTRING)
        .createTestSuite());
  }

  private static Stream<DynamicNode> nodes(TestSuite suite) {
    return Collections.list(suite.tests()).stream().map(test -> test instanceof TestSuite inner
        ? DynamicContainer.dynamicContainer(inner.getName(), nodes(inner))
        : DynamicTest.dynamicTest(((TestCase) test).getName(), () -> ((TestCase) test).runBare()));
  }
}
