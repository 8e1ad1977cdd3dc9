package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.autorefresh.internal.items.Item;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** R3: a new value is complete when it is seen, and who has seen it does not see the old one again. */
@JCStressTest
@Outcome(id = {"1, 1", "1, 2", "2, 2"}, expect = ACCEPTABLE, desc = "the old value, then the new one")
@Outcome(expect = FORBIDDEN, desc = "back to the old value, or a part of one")
@State
public class UpdateVisibility {

  private final Subject subject = new Subject(400);
  private final Object ticket = new Object();
  private final Item<Integer, Subject.Value> item;

  public UpdateVisibility() {
    subject.create(1, 1);
    item = subject.taken(1, ticket);
  }

  @Actor
  public void update() {
    subject.confirm(item, ticket, 2);
  }

  @Actor
  public void read(II_Result r) {
    r.r1 = subject.get(1);
    r.r2 = subject.get(1);
  }
}
