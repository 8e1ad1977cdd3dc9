package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** D4: an outcome that races with the deletion and the re-creation of its item never touches the new generation. */
@JCStressTest
@Outcome(id = "3", expect = ACCEPTABLE, desc = "the value of the new generation")
@Outcome(expect = FORBIDDEN, desc = "another one")
@State
public class LateOutcome {

  private final Subject subject = new Subject(400);
  private final Subject.Job job;

  public LateOutcome() {
    subject.create(1, 1);
    job = subject.taken(1);
  }

  @Actor
  public void update() {
    subject.confirm(job, 2);
  }

  @Actor
  public void recreate() {
    subject.delete(1);
    subject.create(1, 3);
  }

  @Arbiter
  public void read(I_Result r) {
    r.r1 = subject.get(1);
  }
}
