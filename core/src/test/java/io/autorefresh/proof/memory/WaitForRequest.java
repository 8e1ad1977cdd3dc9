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
import org.openjdk.jcstress.infra.results.I_Result;

/** W2: a request beside the end of a call that ran before is never answered by that call, and is not lost. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "the item is due at once")
@Outcome(expect = FORBIDDEN, desc = "the request was lost, or answered by a call that began before it")
@State
public class WaitForRequest {

  private static final class Caller extends Waiter {
    @Override
    protected void wake() {
      // Nobody waits.
    }
  }

  private final Subject subject = new Subject(400);
  private final Subject.Job job;
  private final Caller caller = new Caller();
  private final Item<Integer, Subject.Value> item;

  public WaitForRequest() {
    subject.create(1, 1);
    item = subject.item(1);
    job = subject.taken(1);
  }

  @Actor
  public void end() {
    subject.confirm(job, 2);
  }

  @Actor
  public void request() {
    subject.map.request(1, caller);
  }

  @Arbiter
  public void look(I_Result r) {
    boolean unanswered = subject.map.look(item, caller).answer() == Waiter.Answer.NONE;
    r.r1 = unanswered && item.isRequested() && item.standing() == Item.Standing.NEW ? 1 : 0;
  }
}
