package io.autorefresh.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Draws answers: a picture per question, with a chart per metric, or several where there are many situations, a bar per
 * peer, and error bars.
 */
final class Charts {

  private static final int WIDTH = 1200;
  private static final int HEIGHT = 520;
  /** The most bars of one chart: the labels of more would not fit. */
  private static final int MAX_SITUATIONS = 9;

  private final Machine machine;

  Charts(Machine machine) {
    this.machine = machine;
  }

  /** Writes the picture of a question into the folder, and returns its path. */
  Path write(Answers answers, Path folder) throws IOException {
    List<CategoryChart> charts = new ArrayList<>();
    for (Metric metric : answers.question().metrics()) {
      Map<String, Map<String, Figure>> figures = answers.figures(metric);
      List<String> situations = List.copyOf(figures.keySet());
      for (int from = 0; from < situations.size(); from += MAX_SITUATIONS) {
        Map<String, Map<String, Figure>> some = new LinkedHashMap<>(figures);
        some.keySet().retainAll(situations.subList(from, Math.min(from + MAX_SITUATIONS, situations.size())));
        charts.add(chart(answers, metric, some));
      }
    }
    String name = "question-" + answers.question().number();
    BitmapEncoder.saveBitmap(charts, charts.size(), 1, folder.resolve(name).toString(), BitmapFormat.PNG);
    return folder.resolve(name + ".png");
  }

  private CategoryChart chart(Answers answers, Metric metric, Map<String, Map<String, Figure>> figures) {
    CategoryChart chart = new CategoryChartBuilder()
        .width(WIDTH)
        .height(HEIGHT)
        .title(answers.question().number() + ". " + answers.question().text())
        .xAxisTitle(machine.caption())
        .yAxisTitle(metric.name() + ", " + metric.unit())
        .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE).setDecimalPattern("#,###.##");
    chart.getStyler().setAvailableSpaceFill(.8).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setXAxisLabelRotation(figures.size() > 4 ? 30 : 0).setYAxisMin(0.0).setYAxisMax(top(figures));
    chart.getStyler().setAxisTitleFont(chart.getStyler().getAxisTitleFont().deriveFont(10f));
    for (String peer : figures.values().stream().flatMap(byPeer -> byPeer.keySet().stream()).distinct().toList()) {
      List<Double> scores = new ArrayList<>();
      List<Double> errors = new ArrayList<>();
      for (Map<String, Figure> byPeer : figures.values()) {
        Figure figure = byPeer.get(peer);
        scores.add(figure == null ? null : figure.score());
        errors.add(figure == null || Double.isNaN(figure.error()) ? 0.0 : figure.error());
      }
      chart.addSeries(peer, List.copyOf(figures.keySet()), scores, errors);
    }
    return chart;
  }

  /** Returns the end of the axis: above the error bars, at most so far that the bars stay visible. */
  private static double top(Map<String, Map<String, Figure>> figures) {
    double scores = 0;
    double errors = 0;
    for (Map<String, Figure> byPeer : figures.values()) {
      for (Figure figure : byPeer.values()) {
        scores = Math.max(scores, figure.score());
        errors = Math.max(errors, Double.isNaN(figure.error()) ? 0 : figure.score() + figure.error());
      }
    }
    return 1.05 * Math.max(scores, Math.min(errors, 1.5 * scores));
  }
}
