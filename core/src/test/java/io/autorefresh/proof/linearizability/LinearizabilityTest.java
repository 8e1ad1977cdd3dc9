package io.autorefresh.proof.linearizability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.autorefresh.internal.items.Table;
import io.autorefresh.proof.Proof;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.List;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C1, C5, D1 to D4, R2: whatever calls overlap, their results are those of some order of them, one after the other.
 * Lincheck draws calls, and tries our {@link Races} besides; model checking then goes through the interleavings of
 * their accesses, as if memory were consistent, and stress lets them run as they will.
 */
@Proof
@Tag("linearizability")
class LinearizabilityTest {

  private static final boolean LONG = System.getProperty("proof") != null;

  /**
   * Growing goes through all buckets, which is longer than Lincheck stays in a loop by default: it would always leave
   * it for the other thread, as if it waited for that, and so no reader would be overtaken by a growth.
   */
  private static final int LONGEST_LOOP = MapOperations.STEP + 1;

  private static ModelCheckingOptions modelChecking(Class<?> operations, List<String> races) {
    ModelCheckingOptions options = sized(new ModelCheckingOptions())
        .iterations(LONG ? 100 : 1)
        .invocationsPerIteration(LONG ? 1000 : 100)
        .loopBound(10 * LONGEST_LOOP)
        .addGuarantee(forClasses(Invariance.class.getName()).allMethods().ignore());
    Races.of(operations, races).forEach(options::addCustomScenario);
    return options;
  }

  private static StressOptions stress(Class<?> operations, List<String> races) {
    StressOptions options = sized(new StressOptions())
        .iterations(LONG ? 100 : 1)
        .invocationsPerIteration(LONG ? 10_000 : 200);
    Races.of(operations, races).forEach(options::addCustomScenario);
    return options;
  }

  private static <O extends Options<O, ?>> O sized(O options) {
    return options.threads(2).actorsBefore(2).actorsPerThread(LONG ? 3 : 2).actorsAfter(1);
  }

  @Test
  void operations_modelChecked() {
    modelChecking(MapOperations.class, Races.OPERATIONS)
        .sequentialSpecification(MapModel.class)
        .check(MapOperations.class);
  }

  @Test
  void operations_stressed() {
    stress(MapOperations.class, Races.OPERATIONS)
        .sequentialSpecification(MapModel.class)
        .check(MapOperations.class);
  }

  /** Otherwise the two proofs below would prove nothing. */
  @Test
  void growth_isOneItemAway() throws Exception {
    GrowthOperations operations = new GrowthOperations();
    assertThat(length(operations.table)).isEqualTo(MapOperations.STEP);
    operations.create(GrowthOperations.PRESENT, GrowthOperations.VALUE);
    assertThat(length(operations.table)).isEqualTo(2 * MapOperations.STEP);
  }

  private static int length(Table<?, ?> table) throws ReflectiveOperationException {
    Field buckets = Table.class.getDeclaredField("buckets");
    buckets.setAccessible(true);
    return Array.getLength(buckets.get(table));
  }

  @Test
  void growth_modelChecked() {
    modelChecking(GrowthOperations.class, Races.GROWTH)
        .loopIterationsBeforeThreadSwitch(LONGEST_LOOP)
        .sequentialSpecification(GrowthModel.class)
        .check(GrowthOperations.class);
  }

  @Test
  void growth_stressed() {
    stress(GrowthOperations.class, Races.GROWTH)
        .sequentialSpecification(GrowthModel.class)
        .check(GrowthOperations.class);
  }

  @Test
  void eviction_modelChecked() {
    modelChecking(EvictionOperations.class, Races.EVICTION)
        .verifier(EvictionVerifier.class)
        .check(EvictionOperations.class);
  }

  @Test
  void eviction_stressed() {
    stress(EvictionOperations.class, Races.EVICTION)
        .verifier(EvictionVerifier.class)
        .check(EvictionOperations.class);
  }
}
