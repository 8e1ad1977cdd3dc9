package io.autorefresh.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Looks for the largest load of each kind with which a cache keeps its period on this machine. The search doubles the
 * load until it is too much, and then halves the distance three times.
 */
final class Limits {

  private static final int HALVINGS = 3;
  private static final int ATTEMPTS = 2;
  private static final int LARGEST = 16_000_000;

  private final Machine machine;
  private final PrintStream console;

  Limits(Machine machine, PrintStream console) {
    this.machine = machine;
    this.console = console;
  }

  void write(Path output) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder("| held | of | not held |\n|-----:|----|---------:|\n");
    for (Load load : Load.values()) {
      text.append(row(load));
    }
    text.append("\n`").append(machine.caption()).append("`\n");
    console.println(text);
    Files.createDirectories(output);
    Files.writeString(output.resolve("limits.md"), text);
  }

  private String row(Load load) throws InterruptedException {
    int held = 0;
    int tooMuch = load.first();
    while (tooMuch < LARGEST && isHeld(load, tooMuch)) {
      held = tooMuch;
      tooMuch *= 2;
    }
    if (held == 0) {
      throw new IllegalStateException("not even " + tooMuch + " " + load.unit() + " are held");
    }
    for (int i = 0; i < HALVINGS && tooMuch < LARGEST; i++) {
      int middle = held + (tooMuch - held) / 2;
      if (isHeld(load, middle)) {
        held = middle;
      } else {
        tooMuch = middle;
      }
    }
    return String.format("| %,d | %s | %,d |%n", held, load.unit(), tooMuch);
  }

  /** A load is held if one of two attempts succeeds, since the machine may have been busy. */
  private static boolean isHeld(Load load, int size) throws InterruptedException {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (load.isHeldBy(size)) {
        return true;
      }
    }
    return false;
  }
}
