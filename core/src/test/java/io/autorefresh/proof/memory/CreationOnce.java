package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** C1, C2: of two callers one creates, and both get the same; here one brings the value and one a creator. */
@JCStressTest
@Outcome(id = {"1, 1, 1", "2, 2, 2"}, expect = ACCEPTABLE, desc = "one of them")
@Outcome(expect = FORBIDDEN, desc = "one each")
@State
public class CreationOnce {

  private final Subject subject = new Subject(400);

  @Actor
  public void create(III_Result r) {
    r.r1 = subject.create(1, 1);
  }

  @Actor
  public void createBy(III_Result r) {
    r.r2 = subject.createBy(1, 2);
  }

  @Arbiter
  public void read(III_Result r) {
    r.r3 = subject.get(1);
  }
}
