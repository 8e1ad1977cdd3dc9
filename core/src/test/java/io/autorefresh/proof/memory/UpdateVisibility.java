package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** R3: a new value is complete when it is seen, and a reader that has seen it does not see the old one again. */
@JCStressTest
@Outcome(id = {"1, 1", "1, 2", "2, 2"}, expect = ACCEPTABLE, desc = "the old value, then the new one")
@Outcome(expect = FORBIDDEN, desc = "back to the old value, or a part of one")
@State
public class UpdateVisibility {

  private final Subject subject = new Subject(400);
  private final Subject.Job job;

  public UpdateVisibility() {
    subject.create(1, 1);
    job = subject.taken(1);
  }

  @Actor
  public void update() {
    subject.confirm(job, 2);
  }

  @Actor
  public void read(II_Result r) {
    r.r1 = subject.get(1);
    r.r2 = subject.get(1);
  }
}
