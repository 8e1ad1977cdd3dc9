package io.autorefresh.benchmarks;

/** The kinds of answers of a {@link Remote}. */
public enum Answer implements Labelled {
  /** No item has changed. */
  UNCHANGED("unchanged"),
  /** Every item has changed. */
  UPDATED("updated"),
  /** One item in ten has changed, the same ones each time. */
  TENTH_UPDATED("10 % updated");

  private final String label;

  Answer(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  boolean changes(String id) {
    return switch (this) {
      case UNCHANGED -> false;
      case UPDATED -> true;
      case TENTH_UPDATED -> id.hashCode() % 10 == 0;
    };
  }
}
