package dev.fizzy.report;

import dev.fizzy.file.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The quality of data sets beside what their images cost, as an SVG picture: a panel for each
 * figure, a color for each way of drawing, a dash pattern for each judge. Sets that differ only in
 * their steps are joined by a line.
 */
public final class QualityCurve {
  /** What the sets are shown against, on a logarithmic axis. */
  public enum Axis {
    EVALUATIONS("evaluations of the network for an image", GeneratedSet::evaluations),
    SPEED("images/s", GeneratedSet::imagesPerSecond);

    private final String title;
    private final ToDoubleFunction<GeneratedSet> value;

    Axis(String title, ToDoubleFunction<GeneratedSet> value) {
      this.title = title;
      this.value = value;
    }

    String title() {
      return title;
    }

    double of(EvaluatedSet set) {
      return value.applyAsDouble(set.set());
    }
  }

  private static final List<CurvePanel.Kind> PANELS =
      List.of(
          new CurvePanel.Kind("equal error rate, %", "eer", 100),
          new CurvePanel.Kind("adherence to the contexts", "adherence_mean", 1),
          new CurvePanel.Kind("variation within an identity", "intra_identity_variation", 1),
          new CurvePanel.Kind("Frechet distance to real faces", "frechet", 1),
          new CurvePanel.Kind("recall of real faces", "recall", 1),
          new CurvePanel.Kind("sharpness, real faces = 1", "sharpness_ratio", 1));

  private static final int COLUMNS = 3;

  private QualityCurve() {}

  /** The picture over evaluations for the page; empty where fewer than two sets have figures. */
  static String picture(Report report) {
    List<EvaluatedSet> sets = sets(report, Axis.EVALUATIONS);
    boolean several = sets.stream().map(s -> s.set().name()).distinct().count() > 1;
    return several ? draw(sets, Axis.EVALUATIONS) : "";
  }

  /** Writes the picture; false, and no file, where no set has figures. */
  public static boolean write(Report report, Axis axis, Path file) {
    List<EvaluatedSet> sets = sets(report, axis);
    if (sets.isEmpty()) {
      return false;
    }
    AtomicFile.write(file, draw(sets, axis).getBytes(StandardCharsets.UTF_8));
    return true;
  }

  /** The sets whose cost is known, from the lowest. */
  private static List<EvaluatedSet> sets(Report report, Axis axis) {
    return report.evaluated().stream()
        .filter(s -> axis.of(s) > 0 && PANELS.stream().anyMatch(p -> p.in(s)))
        .sorted(Comparator.comparingDouble(axis::of))
        .toList();
  }

  private static String draw(List<EvaluatedSet> sets, Axis axis) {
    CurveLegend legend = new CurveLegend(sets);
    List<CurvePanel.Kind> panels =
        PANELS.stream().filter(p -> sets.stream().anyMatch(p::in)).toList();
    int rows = (panels.size() + COLUMNS - 1) / COLUMNS;
    int width = COLUMNS * CurvePanel.WIDTH;
    int height = rows * CurvePanel.HEIGHT + legend.height();
    Svg svg = new Svg();
    svg.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"#666b75\">",
        width, height, width, height);
    svg.add("<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
    for (int i = 0; i < panels.size(); i++) {
      svg.add(
          "<g transform=\"translate(%d %d)\">",
          i % COLUMNS * CurvePanel.WIDTH, i / COLUMNS * CurvePanel.HEIGHT);
      new CurvePanel(panels.get(i), axis, legend, sets).draw(svg);
      svg.add("</g>");
    }
    svg.add("<g transform=\"translate(%d %d)\">", CurvePanel.LEFT, rows * CurvePanel.HEIGHT);
    legend.draw(svg, CurvePanel.WIDTH);
    svg.add("</g></svg>");
    return svg.toString();
  }
}
