package dev.fizzy.report;

import dev.fizzy.engine.Plan;
import dev.fizzy.engine.profile.ArenaTimeline;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A program's arena as an SVG: time to the right, one step an operation; addresses upwards. Each
 * block is a rectangle that names its tensor when pointed at; the dashed line is the fullest
 * moment.
 */
public final class ArenaPicture {
  private static final int WIDTH = 1160;
  private static final int HEIGHT = 560;
  private static final int LEFT = 70;
  private static final int TOP = 40;

  private static final Map<Plan.Content, String> COLORS =
      Map.of(
          Plan.Content.INPUT, "#6b7280",
          Plan.Content.ACTIVATION, "#2563c9",
          Plan.Content.GRADIENT, "#d1600a",
          Plan.Content.WORKSPACE, "#8447b8",
          Plan.Content.PACKED_WEIGHTS, "#23805a");

  private ArenaPicture() {}

  public static String svg(Plan plan) {
    int steps = Math.max(1, plan.nodes().size());
    double x = (double) WIDTH / (steps + 1);
    double y = (double) HEIGHT / Math.max(1, plan.arenaBytes());
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"system-ui, sans-serif\" font-size=\"12\">%n",
            LEFT + WIDTH + 10, TOP + HEIGHT + 40));
    s.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (Plan.Use use : plan.uses()) {
      s.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\""
                  + " fill-opacity=\".75\" stroke=\"#ffffff\" stroke-width=\"%.2f\"><title>%s</title>"
                  + "</rect>%n",
              LEFT + use.first() * x,
              TOP + HEIGHT - (use.offset() + use.bytes()) * y,
              (use.last() - use.first() + 1) * x,
              use.bytes() * y,
              COLORS.get(use.content()),
              Math.min(.3, use.bytes() * y / 8), // would cover what is thinner
              title(plan, use)));
    }
    ArenaTimeline timeline = ArenaTimeline.of(plan);
    int peak = timeline.peak();
    s.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.2f\" x2=\"%1$.2f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#b3304f\""
                + " stroke-dasharray=\"4 3\"/>%n",
            LEFT + (peak + .5) * x,
            TOP,
            TOP + HEIGHT));
    s.append(
        text(
            LEFT + WIDTH,
            24,
            "end",
            String.format(
                Locale.ROOT,
                "dashed: fullest, %.1f MB, at operation %d",
                timeline.peakBytes() / 1e6,
                peak + 1)));
    axes(s, plan, steps);
    return s.append("</svg>\n").toString();
  }

  private static String title(Plan plan, Plan.Use use) {
    String until =
        use.last() >= plan.nodes().size() ? "the end" : plan.nodes().get(use.last()).scope();
    return escaped(
        String.format(
            Locale.ROOT,
            "%s %s (%s): %.2f MB, operations %d to %d, until %s",
            use.layer(),
            use.name(),
            name(use.content()),
            use.bytes() / 1e6,
            use.first() + 1,
            use.last() + 1,
            until));
  }

  private static void axes(StringBuilder s, Plan plan, int steps) {
    int at = LEFT;
    for (Plan.Content content : List.of(Plan.Content.values())) {
      s.append(
          String.format(
              "<rect x=\"%d\" y=\"14\" width=\"12\" height=\"12\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"24\">%s</text>%n",
              at, COLORS.get(content), at + 17, name(content)));
      at += 130;
    }
    for (int i = 0; i <= 4; i++) {
      s.append(
          text(
              LEFT - 6,
              TOP + HEIGHT - i * HEIGHT / 4 + 4,
              "end",
              String.format(Locale.ROOT, "%.1f MB", plan.arenaBytes() * i / 4 / 1e6)));
      s.append(
          text(
              LEFT + i * WIDTH / 4,
              TOP + HEIGHT + 18,
              i == 4 ? "end" : "middle",
              Integer.toString(steps * i / 4)));
    }
    s.append(text(LEFT + WIDTH / 2, TOP + HEIGHT + 34, "middle", "operation"));
  }

  private static String text(int x, int y, String anchor, String text) {
    return String.format(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"#444\">%s</text>%n", x, y, anchor, text);
  }

  private static String name(Plan.Content content) {
    return content.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String escaped(String text) {
    return text.strip().replace("&", "&amp;").replace("<", "&lt;");
  }
}
