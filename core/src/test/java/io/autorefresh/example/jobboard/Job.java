package io.autorefresh.example.jobboard;

import io.autorefresh.Outcome;

/**
 * What the service says of one job, in one line of text: {@code job-00017 RUNNING 40}.
 *
 * @param state where it is in its life
 * @param percent how much of it is done, in steps of ten
 */
record Job(State state, int percent) {

  enum State { QUEUED, RUNNING, DONE }

  static final Job SUBMITTED = new Job(State.QUEUED, 0);

  boolean isDone() {
    return state == State.DONE;
  }

  /** The job at a moment of its life, from 0 to 1. */
  static Job at(double life) {
    State state = life < .2 ? State.QUEUED : life < 1 ? State.RUNNING : State.DONE;
    return new Job(state, state == State.QUEUED ? 0 : (int) Math.min(10, life * 10) * 10);
  }

  /** What a line of the service's answer means for a job. A state that equals the one before counts as unchanged. */
  static Outcome<Job> outcome(String[] line) {
    return switch (line[1]) {
      case "GONE" -> Outcome.deleted();
      case "ERROR" -> Outcome.failed(new JobException(line[2]));
      default -> Outcome.updated(new Job(State.valueOf(line[1]), Integer.parseInt(line[2])));
    };
  }

  /** The service cannot tell the state of one job. */
  static final class JobException extends Exception {
    private static final long serialVersionUID = 1L;

    JobException(String message) {
      super(message);
    }
  }
}
