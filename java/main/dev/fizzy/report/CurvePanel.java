package dev.fizzy.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One figure of data sets over their cost: axes, a line for each curve, a level of real faces. */
final class CurvePanel {
  static final int WIDTH = 300;
  static final int HEIGHT = 220;
  static final int LEFT = 44;
  private static final int RIGHT = WIDTH - 14;
  private static final int TOP = 30;
  private static final int BOTTOM = HEIGHT - 42;

  /**
   * What a panel shows.
   *
   * @param figure its name in the results
   * @param scale factor of its values
   */
  record Kind(String title, String figure, double scale) {
    boolean in(EvaluatedSet set) {
      return set.figures().containsKey(figure);
    }
  }

  private final Kind kind;
  private final QualityCurve.Axis axis;
  private final CurveLegend legend;
  private final List<EvaluatedSet> sets;
  private final Scale x;
  private final Scale y;

  /**
   * @param sets from the lowest cost
   */
  CurvePanel(Kind kind, QualityCurve.Axis axis, CurveLegend legend, List<EvaluatedSet> sets) {
    this.kind = kind;
    this.axis = axis;
    this.legend = legend;
    this.sets = sets.stream().filter(kind::in).toList();
    List<Double> values = new ArrayList<>();
    for (EvaluatedSet set : this.sets) {
      values.add(value(set.figures()));
      if (set.real().containsKey(kind.figure)) {
        values.add(value(set.real()));
      }
    }
    x = Scale.logarithmic(this.sets.stream().map(axis::of).toList(), LEFT, RIGHT);
    y = Scale.linear(values, BOTTOM, TOP);
  }

  private double value(Map<String, Double> figures) {
    return kind.scale * figures.get(kind.figure);
  }

  void draw(Svg svg) {
    svg.add(
        "<text x=\"%d\" y=\"%d\" fill=\"#1d1f23\" font-weight=\"600\">%s</text>",
        LEFT, TOP - 14, Svg.escaped(kind.title));
    axes(svg);
    for (String judge : legend.judges()) {
      List<EvaluatedSet> judged = sets.stream().filter(s -> s.judge().equals(judge)).toList();
      judged.stream()
          .filter(s -> s.real().containsKey(kind.figure))
          .findFirst()
          .ifPresent(s -> real(svg, value(s.real()), judge));
      for (String drawn : legend.drawn()) {
        line(svg, judged.stream().filter(s -> s.set().drawn().equals(drawn)).toList());
      }
    }
  }

  private void axes(Svg svg) {
    for (double tick : y.ticks()) {
      svg.add("<path d=\"M%d %.1f H%d\" stroke=\"#ecece8\"/>", LEFT, y.at(tick), RIGHT);
      svg.write(LEFT - 5, y.at(tick) + 4, "end", Scale.label(tick));
    }
    for (double tick : x.ticks()) {
      svg.add("<path d=\"M%.1f %d v4\" stroke=\"%s\"/>", x.at(tick), BOTTOM, CurveLegend.REAL);
      svg.write(x.at(tick), BOTTOM + 15, "middle", Scale.label(tick));
    }
    svg.write((LEFT + RIGHT) / 2., BOTTOM + 29, "middle", axis.title());
  }

  private void real(Svg svg, double value, String judge) {
    svg.add(
        "<path d=\"M%d %.1f H%d\" stroke=\"%s\" stroke-dasharray=\"%s\"/>",
        LEFT, y.at(value), RIGHT, CurveLegend.REAL, legend.dash(judge));
  }

  /** The sets that one judge measured and that differ only in their steps; none draws nothing. */
  private void line(Svg svg, List<EvaluatedSet> of) {
    if (of.isEmpty()) {
      return;
    }
    String color = legend.color(of.get(0).set().drawn());
    List<String> points = of.stream().map(this::point).toList();
    svg.add(
        "<path d=\"M%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\""
            + " stroke-dasharray=\"%s\"/>",
        String.join("L", points), color, legend.dash(of.get(0).judge()));
    for (EvaluatedSet set : of) {
      svg.add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"><title>%s</title></circle>",
          x.at(axis.of(set)), y.at(value(set.figures())), color, Svg.escaped(title(set)));
    }
  }

  private String point(EvaluatedSet set) {
    return String.format(Locale.ROOT, "%.1f %.1f", x.at(axis.of(set)), y.at(value(set.figures())));
  }

  private String title(EvaluatedSet set) {
    String value = Scale.label(value(set.figures()));
    return set.set().name()
        + ": "
        + set.set().steps()
        + " steps, "
        + value
        + ", judge "
        + set.judge();
  }
}
