package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Waiter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** W1: a caller that begins to wait while a new value comes sees it when it looks, or is woken afterwards. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it saw the old value, and is woken")
@Outcome(id = {"2, 0", "2, 1"}, expect = ACCEPTABLE, desc = "it saw the new value")
@Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
@State
public class WaitForUpdate {

  private static final class Caller extends Waiter {

    private volatile int woken;

    @Override
    protected void wake() {
      woken = 1;
    }
  }

  private final Subject subject = new Subject(400);
  private final Subject.Job job;
  private final Caller caller = new Caller();

  public WaitForUpdate() {
    subject.create(1, 1);
    job = subject.taken(1);
  }

  @Actor
  public void update() {
    subject.confirm(job, 2);
  }

  @Actor
  public void begin(II_Result r) {
    Item<Integer, Subject.Value> item = subject.map.await(1, caller);
    r.r1 = subject.map.look(item, caller).value().read();
  }

  @Arbiter
  public void end(II_Result r) {
    r.r2 = caller.woken;
  }
}
