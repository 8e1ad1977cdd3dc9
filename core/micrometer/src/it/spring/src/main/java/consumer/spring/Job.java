package consumer.spring;

/** What the remote says of a job. */
record Job(String state) {

  static Job submitted() {
    return new Job("submitted");
  }

  boolean isDone() {
    return state.equals("done");
  }
}
