/**
 * A mixed load of everything, for as long as one likes, on caches whose remote is faulty: {@code mvn -pl core test
 * -Dproof=soak -Dsoak.minutes=60 -Dsoak.seed=N}. What each thread does and which faults there are follows from the
 * seed alone; how the threads interleave does not, so a replay makes a failure likely again, but not certain.
 */
package io.autorefresh.proof.soak;
