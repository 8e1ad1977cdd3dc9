package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** G1: a reader that finds an item finds the whole of it, without a lock, though its value's fields are plain. */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
@Outcome(id = "7", expect = ACCEPTABLE, desc = "there, and complete")
@Outcome(expect = FORBIDDEN, desc = "a part of it")
@State
public class Publication {

  private final Subject subject = new Subject(400);

  @Actor
  public void create() {
    subject.create(1, 7);
  }

  @Actor
  public void read(I_Result r) {
    r.r1 = subject.get(1);
  }
}
