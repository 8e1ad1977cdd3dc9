package io.autorefresh.benchmarks;

import java.util.List;
import java.util.Map;

/** Writes answers as text: a Markdown document, which is as readable on a console. */
final class Tables {

  private static final String HEAD = """
      # How fast it is

      Each figure stands beside those of the peers from the same run: the median of all iterations of all forks, and the
      distance to the farther end of its confidence interval of 99 %%, by the sign test (or to the farthest iteration,
      where they are fewer than eight). The last column is this library's figure over the peer's. %s

      Measured by: `%s`

      On: %s

      Date: %s
      """;
  private static final String BRIEF =
      "This was a brief run, of one short fork each: it shows that everything works and the rough picture.";
  private static final String FULL = "The forks of the peers took turns.";

  private final Machine machine;

  Tables(Machine machine) {
    this.machine = machine;
  }

  String all(List<Answers> answers, boolean full) {
    StringBuilder text = new StringBuilder();
    text.append(HEAD.formatted(full ? FULL : BRIEF, machine.command(), machine.description(), machine.date()));
    answers.forEach(each -> text.append('\n').append(of(each)));
    return text.toString();
  }

  String of(Answers answers) {
    Question question = answers.question();
    StringBuilder text = new StringBuilder();
    text.append("## ").append(question.number()).append(". ").append(question.text()).append("\n");
    for (Metric metric : question.metrics()) {
      append(text, metric, answers.figures(metric));
    }
    return text.append("\n`").append(machine.caption()).append("`\n").toString();
  }

  private static void append(StringBuilder text, Metric metric, Map<String, Map<String, Figure>> figures) {
    String better = metric.moreIsBetter() ? "more is better" : "less is better";
    String[] head = {
      metric.name() + " (" + better + ")", "peer", metric.unit(), Labels.OURS + " / peer"
    };
    int situations = width(figures.keySet(), head[0]);
    int peers = width(figures.values().stream().flatMap(row -> row.keySet().stream()).toList(), head[1]);
    String row = "| %-" + situations + "s | %-" + peers + "s | %20s | %20s |%n";
    text.append('\n').append(row.formatted((Object[]) head));
    text.append("|-%s-|-%s-|-%s:|-%s:|%n".formatted(dash(situations), dash(peers), dash(20), dash(20)));
    figures.forEach((situation, byPeer) -> {
      String shown = situation;
      Figure ours = byPeer.get(Labels.OURS);
      for (Figure figure : byPeer.values()) {
        boolean ratio = ours != null && figure != ours && figure.score() != 0;
        text.append(row.formatted(shown, figure.peer(), figure, ratio ? ours.over(figure) : ""));
        shown = "";
      }
    });
  }

  private static int width(Iterable<String> cells, String head) {
    int width = head.length();
    for (String cell : cells) {
      width = Math.max(width, cell.length());
    }
    return width;
  }

  private static String dash(int width) {
    return "-".repeat(width);
  }
}
