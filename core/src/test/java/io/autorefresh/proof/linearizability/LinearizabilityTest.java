package io.autorefresh.proof.linearizability;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import io.autorefresh.proof.Proof;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C1, D1 to D4, R2: whatever calls overlap, their results are those of some order of them, one after the other. Lincheck
 * draws the calls; model checking then goes through the interleavings of their accesses, as if memory were consistent,
 * and stress lets them run as they will.
 */
@Proof
@Tag("linearizability")
class LinearizabilityTest {

  private static final boolean LONG = System.getProperty("proof") != null;

  /** Iterations, more than any loop here has that ends: growing goes through a table twice as long. */
  private static final int LONGEST_LOOP = 1000;

  private static ModelCheckingOptions modelChecking() {
    return sized(new ModelCheckingOptions())
        .invocationsPerIteration(LONG ? 1000 : 100)
        .loopBound(LONGEST_LOOP)
        .addGuarantee(forClasses(Invariance.class.getName(), Filling.class.getName()).allMethods().ignore());
  }

  private static StressOptions stress() {
    return sized(new StressOptions()).invocationsPerIteration(LONG ? 10_000 : 500);
  }

  private static <O extends Options<O, ?>> O sized(O options) {
    return options.iterations(LONG ? 30 : 3)
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(LONG ? 3 : 2)
        .actorsAfter(1);
  }

  @Test
  void operations_modelChecked() {
    modelChecking().sequentialSpecification(MapModel.class).check(MapOperations.class);
  }

  @Test
  void operations_stressed() {
    stress().sequentialSpecification(MapModel.class).check(MapOperations.class);
  }

  @Test
  void growth_modelChecked() {
    modelChecking().sequentialSpecification(GrowthModel.class).check(GrowthOperations.class);
  }

  @Test
  void growth_stressed() {
    stress().sequentialSpecification(GrowthModel.class).check(GrowthOperations.class);
  }

  @Test
  void eviction_modelChecked() {
    modelChecking().verifier(EvictionVerifier.class).check(EvictionOperations.class);
  }

  @Test
  void eviction_stressed() {
    stress().verifier(EvictionVerifier.class).check(EvictionOperations.class);
  }
}
