package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** C5: the running refresh of an item that is evicted meanwhile has no effect, and the newcomer stays. */
@JCStressTest
@Outcome(id = "0, 3, 1", expect = ACCEPTABLE, desc = "the newcomer alone")
@Outcome(expect = FORBIDDEN, desc = "an evicted item is back, or there are too many or too few")
@State
public class OutcomeOfEvicted {

  private final Subject subject = new Subject(1);
  private final Subject.Job job;

  public OutcomeOfEvicted() {
    subject.create(1, 1);
    job = subject.taken(1);
  }

  @Actor
  public void update() {
    subject.confirm(job, 2);
  }

  @Actor
  public void create() {
    subject.create(2, 3);
  }

  @Arbiter
  public void read(III_Result r) {
    r.r1 = subject.get(1);
    r.r2 = subject.get(2);
    r.r3 = subject.map.size();
  }
}
