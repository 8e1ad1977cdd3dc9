package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** D2: once an item is marked, its value does not change any more, whatever its running refresh brings. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "marked first: the outcome has no effect")
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "updated first")
@Outcome(expect = FORBIDDEN, desc = "changed after it was marked")
@State
public class OutcomeOfMarked {

  private final Subject subject = new Subject(400);
  private final Subject.Job job;

  public OutcomeOfMarked() {
    subject.create(1, 1);
    job = subject.taken(1);
  }

  @Actor
  public void update() {
    subject.confirm(job, 2);
  }

  @Actor
  public void mark(II_Result r) {
    subject.map.mark(1);
    r.r1 = subject.get(1);
  }

  @Arbiter
  public void read(II_Result r) {
    r.r2 = subject.get(1);
  }
}
