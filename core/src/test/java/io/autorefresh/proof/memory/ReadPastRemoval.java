package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** G1: a reader that stands on an item while it is removed goes on to those behind it. */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "found, and the other one is gone")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "found, and the other one is there still")
@Outcome(expect = FORBIDDEN, desc = "lost from sight")
@State
public class ReadPastRemoval {

  private final Subject subject = new Subject(400);

  public ReadPastRemoval() {
    for (int n = 0; n < 4; n++) {
      subject.create(Subject.id(n), 1);
    }
  }

  @Actor
  public void remove() {
    subject.delete(Subject.id(0));
  }

  @Actor
  public void read(II_Result r) {
    r.r1 = subject.get(Subject.id(3));
    r.r2 = subject.get(Subject.id(0));
  }
}
