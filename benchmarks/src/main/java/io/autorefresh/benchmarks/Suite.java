package io.autorefresh.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Asks the questions of the suite and writes the answers: a table to the console, and JMH's JSON, a Markdown document,
 * a picture per question and JMH's log into a folder. The build calls it:
 *
 * <pre>{@code
 * mvn verify [-Dbenchmarks=full] [-Dbenchmarks.questions=1,4] [-Dbenchmarks.traces=folder]
 * mvn verify -Dbenchmarks=limits
 * mvn verify -Dbenchmarks=paired -Dbenchmarks.jar=old.jar
 * }</pre>
 *
 * <p>The brief form is the default: it asks every question in its shortest form, in less than three minutes on two
 * cores. The full form takes all parameters, five forks each, and more than an hour. The suite makes its traces, or
 * reads those of a folder. A failed run is a failed build. The second command looks for the {@link Limits} instead, in
 * about a quarter of an hour. The third one compares this version with an older one, by {@link PairedRounds}.
 */
public final class Suite {

  private static final String LIMITS = "limits";
  private static final String PAIRED = "paired";

  private final boolean full;
  private final List<Question> questions;
  private final List<String> traces;
  private final Path output;
  private final Machine machine;

  private Suite(String extent, String asked, String folder, String output) {
    if (!List.of("brief", "full").contains(extent)) {
      throw new IllegalArgumentException("benchmarks must be brief, full, limits or paired, but is " + extent);
    }
    this.full = extent.equals("full");
    this.questions = questions(asked);
    this.traces = folder.equals("made") ? Trace.MADE : Trace.in(Path.of(folder));
    this.output = Path.of(output);
    this.machine = Machine.here(command(extent, asked, folder));
  }

  private static List<Question> questions(String asked) {
    List<String> numbers = List.of(asked.split(","));
    return Stream.of(Question.values())
        .filter(question -> asked.equals("all") || numbers.contains(Integer.toString(question.number())))
        .toList();
  }

  private static String command(String extent, String asked, String folder) {
    return "mvn verify"
        + (extent.equals("brief") ? "" : " -Dbenchmarks=" + extent)
        + (asked.equals("all") ? "" : " -Dbenchmarks.questions=" + asked)
        + (folder.equals("made") ? "" : " -Dbenchmarks.traces=" + folder);
  }

  /**
   * Runs the suite.
   *
   * @param args {@code brief}, {@code full}, {@code limits} or {@code paired}; {@code all} or the numbers of the
   *     questions, with commas; {@code made} or a folder of traces; the folder to write to; the jar of an older version
   * @throws Exception if the answers cannot be written, or a run failed
   */
  public static void main(String... args) throws Exception {
    System.setProperty("java.awt.headless", "true");
    if (args[0].equals(LIMITS)) {
      new Limits(Machine.here(command(LIMITS, "all", "made")), System.out).write(Path.of(args[3]));
      return;
    }
    if (args[0].equals(PAIRED)) {
      new PairedRounds(Path.of(args[4]), System.out).run();
      return;
    }
    new Suite(args[0], args[1], args[2], args[3]).run(System.out);
  }

  private void run(PrintStream console) throws IOException, RunnerException {
    Tables tables = new Tables(machine);
    Charts charts = new Charts(machine);
    List<Answers> answers = new ArrayList<>();
    Path log = Files.createDirectories(output).resolve("jmh.log");
    PrintStream errors = System.err;
    console.println(machine.caption() + "\n");
    try (PrintStream jmh = new PrintStream(Files.newOutputStream(log), true, StandardCharsets.UTF_8)) {
      System.setOut(jmh);
      System.setErr(jmh);
      Measurement measurement = new Measurement(full, traces, jmh);
      for (Question question : questions) {
        Answers answer = measurement.answer(question);
        answers.add(answer);
        charts.write(answer, output);
        console.println(tables.of(answer));
      }
    } catch (RunnerException | RuntimeException e) {
      console.println("A run failed; its output is in " + log.toAbsolutePath());
      throw e;
    } finally {
      System.setOut(console);
      System.setErr(errors);
    }
    List<RunResult> results = answers.stream().flatMap(each -> each.results().stream()).toList();
    ResultFormatFactory.getInstance(ResultFormatType.JSON, output.resolve("jmh.json").toString()).writeOut(results);
    Files.writeString(output.resolve("benchmarks.md"), tables.all(answers, full));
  }
}
