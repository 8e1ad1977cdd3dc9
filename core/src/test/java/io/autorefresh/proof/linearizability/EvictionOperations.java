package io.autorefresh.proof.linearizability;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/** Those of the {@link MapOperations} that {@link EvictionVerifier} has a model of, on a map that is soon full. */
@Param(name = "id", gen = IntGen.class, conf = "0:3")
@Param(name = "value", gen = IntGen.class, conf = "1:2")
@Param(name = "job", gen = ThreadIdGen.class)
public final class EvictionOperations {

  static final int MAXIMUM_SIZE = 2;

  private final MapOperations map = new MapOperations(MAXIMUM_SIZE);

  @Operation
  public @Nullable Integer get(@Param(name = "id") int id) {
    return map.get(id);
  }

  @Operation
  public int create(@Param(name = "id") int id, @Param(name = "value") int value) throws InterruptedException {
    return map.create(id, value);
  }

  @Operation
  public int createBy(@Param(name = "id") int id, @Param(name = "value") int value) throws InterruptedException {
    return map.createBy(id, value);
  }

  @Operation
  public boolean take(@Param(name = "job") int job, @Param(name = "id") int id) {
    return map.take(job, id);
  }

  @Operation
  public boolean finish(@Param(name = "job") int job, @Param(name = "value") int value) {
    return map.finish(job, value);
  }

  @Operation
  public boolean remove(@Param(name = "job") int job) {
    return map.remove(job);
  }

  @Operation
  public boolean expire(@Param(name = "job") int job) {
    return map.expire(job);
  }

  @Validate
  public void check() {
    map.check();
  }
}
