package dev.fizzy.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A color and a name for each way of drawing sets, and a dash pattern for each judge. */
final class CurveLegend {
  /** The color of what real faces have. */
  static final String REAL = "#b0b4bb";

  private static final String INK = "#1d1f23";
  private static final List<String> COLORS =
      List.of("#2563c9", "#d1600a", "#23805a", "#8447b8", "#b3304f", "#6b7280");
  private static final List<String> DASHES = List.of("none", "5 3", "1 3");
  private static final int LINE = 18;

  private final Map<String, String> names;
  private final List<String> judges;

  CurveLegend(List<EvaluatedSet> sets) {
    names = names(sets);
    judges = List.copyOf(new TreeSet<>(sets.stream().map(EvaluatedSet::judge).toList()));
  }

  /**
   * The name of each way of drawing: its sampler, or the folder of its only set; with the folder of
   * its first set where two ways have the same sampler.
   */
  private static Map<String, String> names(List<EvaluatedSet> sets) {
    Map<String, TreeSet<String>> folders = new LinkedHashMap<>();
    Map<String, String> samplers = new LinkedHashMap<>();
    for (GeneratedSet set : sets.stream().map(EvaluatedSet::set).toList()) {
      folders.computeIfAbsent(set.drawn(), d -> new TreeSet<>()).add(set.name());
      samplers.put(set.drawn(), set.sampler());
    }
    Map<String, String> names = new LinkedHashMap<>();
    folders.forEach(
        (drawn, of) -> {
          String sampler = samplers.get(drawn);
          boolean ambiguous = samplers.values().stream().filter(sampler::equals).count() > 1;
          String named = ambiguous ? sampler + " (" + of.first() + ")" : sampler;
          names.put(drawn, of.size() == 1 ? of.first() : named);
        });
    return names;
  }

  /** The ways of drawing, see {@link GeneratedSet#drawn}. */
  List<String> drawn() {
    return List.copyOf(names.keySet());
  }

  List<String> judges() {
    return judges;
  }

  String color(String drawn) {
    return COLORS.get(drawn().indexOf(drawn) % COLORS.size());
  }

  String dash(String judge) {
    return DASHES.get(judges.indexOf(judge) % DASHES.size());
  }

  int height() {
    return LINE * (1 + Math.max(names.size(), judges.size() + 1));
  }

  /**
   * Ways of drawing on the left, judges on the right.
   *
   * @param column where the judges begin
   */
  void draw(Svg svg, int column) {
    int y = 0;
    for (Map.Entry<String, String> way : names.entrySet()) {
      svg.add("<rect y=\"%d\" width=\"22\" height=\"3\" fill=\"%s\"/>", y, color(way.getKey()));
      svg.write(30, y + 5, "start", way.getValue());
      y += LINE;
    }
    y = 0;
    for (String judge : judges) {
      line(svg, column, y, INK, dash(judge), "judge " + judge);
      y += LINE;
    }
    line(svg, column, y, REAL, "none", "real faces, where they were measured");
  }

  private static void line(Svg svg, int x, int y, String color, String dash, String text) {
    svg.add(
        "<path d=\"M%d %d h22\" stroke=\"%s\" stroke-dasharray=\"%s\"/>", x, y + 1, color, dash);
    svg.write(x + 30, y + 5, "start", text);
  }
}
