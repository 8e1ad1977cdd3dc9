package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** G1: what is mapped the whole time is found, in either of the buckets that it may go to, while the table grows. */
@JCStressTest
@Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "found")
@Outcome(expect = FORBIDDEN, desc = "lost from sight")
@State
public class ReadWhileGrowing {

  private final Subject subject = Subject.full(3);

  @Actor
  public void grow() {
    subject.create(Subject.id(3), 1);
  }

  @Actor
  public void read(III_Result r) {
    r.r1 = subject.get(Subject.id(1));
    r.r2 = subject.get(Subject.id(2));
    r.r3 = subject.get(Subject.id(0));
  }
}
