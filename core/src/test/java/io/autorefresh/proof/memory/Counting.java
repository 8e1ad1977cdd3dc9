package io.autorefresh.proof.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** C5: hits that race may lose a count, and nothing else; the maximum holds. */
@JCStressTest
@Outcome(id = {"1, 3", "2, 3"}, expect = ACCEPTABLE, desc = "one or both count; above the maximum none does")
@Outcome(expect = FORBIDDEN, desc = "a count that no hit made")
@State
public class Counting {

  private final Subject subject = new Subject(400);

  public Counting() {
    subject.create(1, 1);
    subject.create(2, 1);
    subject.get(2);
    subject.get(2);
  }

  @Actor
  public void oneReads() {
    subject.get(1);
    subject.get(2);
  }

  @Actor
  public void otherReads() {
    subject.get(1);
    subject.get(2);
  }

  @Arbiter
  public void count(II_Result r) {
    r.r1 = subject.frequency(1);
    r.r2 = subject.frequency(2);
  }
}
