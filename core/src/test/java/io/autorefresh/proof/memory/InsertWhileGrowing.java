package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** C1: no insertion is lost though the table grows meanwhile, and the caller that has inserted finds its item. */
@JCStressTest
@Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both are there")
@Outcome(expect = FORBIDDEN, desc = "an insertion is lost")
@State
public class InsertWhileGrowing {

  private final Subject subject = Subject.full(1);

  @Actor
  public void grow() {
    subject.create(Subject.id(2), 1);
  }

  @Actor
  public void insert(III_Result r) {
    subject.create(Subject.id(3), 1);
    r.r1 = subject.get(Subject.id(3));
  }

  @Arbiter
  public void read(III_Result r) {
    r.r2 = subject.get(Subject.id(2));
    r.r3 = subject.isSound() ? subject.get(Subject.id(3)) : Subject.TORN;
  }
}
