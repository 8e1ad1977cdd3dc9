package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * Decides whose turn it is where several sorts of things may begin at once. New things get three of four turns. Of the
 * others, deletions go first at the beginning of a cycle; then deletions and refreshes take turns, and so do things
 * with due times of their own and the walk. So nothing starves.
 */
final class Turns {

  /** What may be waiting. */
  enum Sort {
    NEW,
    /** New or due, and granted by the exchange: its turns are those of new things. */
    GRANTED,
    DELETION,
    APART,
    WALK
  }

  /** How the last turns went: of new things in a row, and of which sort the others were. */
  private record State(int newTurns, boolean tookNew, boolean deleted, boolean apart) {}

  private static final int NEW_TURNS = 3;

  private State state = new State(0, false, false, false);
  private State before = state;

  /**
   * Returns the sort whose turn it is, or null if nothing may begin.
   *
   * @param deletionsFirst whether deletions go before refreshes, except new things
   * @param allFirst whether they go before new things as well
   */
  @Nullable Sort next(
      boolean isNew,
      boolean granted,
      boolean deletion,
      boolean apart,
      boolean walk,
      boolean deletionsFirst,
      boolean allFirst) {
    before = state;
    boolean refresh = apart || walk;
    boolean other = refresh || deletion;
    if ((isNew || granted) && !(other && state.newTurns >= NEW_TURNS) && !(deletion && allFirst)) {
      boolean takesNew = isNew && !(granted && state.tookNew);
      state = new State(state.newTurns + 1, takesNew, state.deleted, state.apart);
      return takesNew ? Sort.NEW : Sort.GRANTED;
    }
    if (!other) {
      return null;
    }
    if (deletion && (!refresh || deletionsFirst || !state.deleted)) {
      state = new State(0, state.tookNew, true, state.apart);
      return Sort.DELETION;
    }
    boolean takesApart = apart && !(walk && state.apart);
    state = new State(0, state.tookNew, false, takesApart);
    return takesApart ? Sort.APART : Sort.WALK;
  }

  /** Nothing came of the last turn: it does not count. */
  void undo() {
    state = before;
  }

  /** The next turn of the others is a refresh's. */
  void owesRefresh() {
    state = new State(state.newTurns, state.tookNew, true, state.apart);
  }
}
