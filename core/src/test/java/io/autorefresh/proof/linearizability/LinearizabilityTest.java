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

  private static ModelCheckingOptions modelChecking(int briefly, int invocations) {
    return sized(new ModelCheckingOptions(), briefly, invocations)
        .loopIterationsBeforeThreadSwitch(LONGEST_LOOP)
        .loopBound(LONGEST_LOOP)
        .addGuarantee(forClasses(Invariance.class.getName(), Filling.class.getName()).allMethods().ignore());
  }

  private static StressOptions stress(int briefly, int invocations) {
    return sized(new StressOptions(), briefly, invocations);
  }

  private static <O extends Options<O, ?>> O sized(O options, int briefly, int invocations) {
    return options.iterations(LONG ? 10 * briefly : briefly)
        .invocationsPerIteration(LONG ? 3 * invocations : invocations)
        .threads(2)
        .actorsBefore(2)
        .actorsPerThread(3)
        .actorsAfter(2);
  }

  @Test
  void operations_modelChecked() {
    modelChecking(4, 150).sequentialSpecification(MapModel.class).check(MapOperations.class);
  }

  @Test
  void operations_stressed() {
    stress(8, 1000).sequentialSpecification(MapModel.class).check(MapOperations.class);
  }

  @Test
  void growth_modelChecked() {
    modelChecking(4, 150).sequentialSpecification(GrowthModel.class).check(GrowthOperations.class);
  }

  @Test
  void growth_stressed() {
    stress(8, 1000).sequentialSpecification(GrowthModel.class).check(GrowthOperations.class);
  }

  @Test
  void eviction_modelChecked() {
    modelChecking(4, 150).verifier(EvictionVerifier.class).check(EvictionOperations.class);
  }

  @Test
  void eviction_stressed() {
    stress(8, 1000).verifier(EvictionVerifier.class).check(EvictionOperations.class);
  }
}
