package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** R2: a new generation waits for the call of the one before, and no longer, though that call ends meanwhile. */
@JCStressTest
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "refreshed later, when the call has ended")
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the call had ended, and the new one has begun")
@Outcome(expect = FORBIDDEN, desc = "two calls at once, or no call ever again")
@State
public class SuccessorOfOrphan {

  private static final int TWO_AT_ONCE = -1;

  private final Subject subject = new Subject(400);
  private final Subject.Job orphan;
  private volatile boolean ended;

  public SuccessorOfOrphan() {
    subject.create(1, 1);
    orphan = subject.taken(1);
    subject.delete(1);
  }

  @Actor
  public void end() {
    ended = true;
    subject.end(orphan);
  }

  @Actor
  public void createAndTake(II_Result r) {
    subject.create(1, 2);
    boolean taken = subject.take(1);
    r.r1 = !taken ? 0 : ended ? 1 : TWO_AT_ONCE;
  }

  @Arbiter
  public void takeLater(II_Result r) {
    r.r2 = subject.take(1) ? 1 : 0;
  }
}
