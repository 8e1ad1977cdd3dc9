package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.autorefresh.ItemEvent;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** R11: an event comes after its effect is visible, and after those that took effect before it. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "no event yet, and no effect")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "no event yet, but its effect")
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "no event yet, and both effects")
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "the update")
@Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "the update, and the effect of the removal")
@Outcome(expect = FORBIDDEN, desc = "an event before its effect, or out of order")
@State
public class EventsInOrder {

  private final Subject subject = new Subject(400);
  private final Subject.Job job;

  public EventsInOrder() {
    subject.create(1, 1);
    job = subject.taken(1);
    subject.events.poll();
  }

  @Actor
  public void updateAndDelete() {
    subject.confirm(job, 2);
    subject.delete(1);
  }

  @Actor
  public void hear(II_Result r) {
    ItemEvent<Integer, Subject.Value> event = subject.events.poll();
    int value = subject.get(1);
    r.r1 = event == null ? 1 : event instanceof ItemEvent.Updated ? event.item().read() : Subject.TORN;
    r.r2 = value;
  }
}
