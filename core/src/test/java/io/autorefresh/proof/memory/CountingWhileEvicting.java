package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** C5: hits that race with the hand that counts down leave a count within bounds, and a sound map. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "the hand has the last word")
@Outcome(id = {"2", "3"}, expect = ACCEPTABLE, desc = "some of the hits count")
@Outcome(expect = FORBIDDEN, desc = "a count out of bounds, or a map that is not sound")
@State
public class CountingWhileEvicting {

  private final Subject subject = new Subject(2);

  public CountingWhileEvicting() {
    subject.create(1, Subject.FINAL);
    subject.create(2, Subject.FINAL);
    subject.get(1);
    subject.get(2);
    subject.get(2);
  }

  @Actor
  public void read() {
    subject.get(2);
    subject.get(2);
  }

  @Actor
  public void evict() {
    subject.create(3, 1);
  }

  @Arbiter
  public void count(I_Result r) {
    boolean sound = subject.isSound() && subject.get(3) == 1;
    r.r1 = sound ? subject.frequency(2) : Subject.TORN;
  }
}
