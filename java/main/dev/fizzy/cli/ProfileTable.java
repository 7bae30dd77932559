package dev.fizzy.cli;

import dev.fizzy.engine.profile.Counters;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A profile as a table for people, and as CSV. */
final class ProfileTable {
  private static final int NAME_WIDTH = 44;

  private ProfileTable() {}

  /** The table, totals and the basis of the floor. */
  static String text(Profile profile, ProfileView view) {
    List<Row> rows = view.rows(profile);
    int shown = Math.min(rows.size(), view.limit());
    int width = rows.stream().limit(shown).mapToInt(r -> name(r).length()).max().orElse(0);
    width = Math.max(view.by.toString().length(), Math.min(width, NAME_WIDTH));
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            "%-" + width + "s %5s %9s %7s %6s %9s %7s %8s %-7s %5s  %s%n",
            view.by,
            "count",
            "ms",
            "± ms",
            "share",
            "GFLOP/s",
            "GB/s",
            "of floor",
            "bound",
            "busy",
            "shape"));
    for (Row row : rows.subList(0, shown)) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-" + width + "s %5d %9.3f %7.3f %5.1f%% %9.1f %7.1f %8s %-7s %5s  %s%n",
              shortened(name(row)),
              row.count(),
              row.seconds() * 1e3,
              row.range() / 2 * 1e3,
              100 * row.seconds() / profile.seconds(),
              row.gflops(),
              row.gbytes(),
              profile.peak().trusted() ? percent(row.ofFloor()) : "",
              row.bound(),
              percent(row.threadsBusy()),
              (row.shape() + " " + row.type()).strip()));
    }
    if (shown < rows.size()) {
      s.append(
          String.format(
              Locale.ROOT,
              "and %d more rows, %.1f ms; --top %d shows all%n",
              rows.size() - shown,
              1e3 * rows.stream().skip(shown).mapToDouble(Row::seconds).sum(),
              rows.size()));
    }
    counts(s, rows.subList(0, shown), width);
    implementations(s, rows.subList(0, shown), view.by);
    totals(s, profile);
    return s.toString();
  }

  /** What the processor did in one run of each row, if it was counted. */
  private static void counts(StringBuilder s, List<Row> rows, int width) {
    if (rows.isEmpty() || rows.get(0).counts() == null) {
      return;
    }
    String line = "%-" + width + "s %12s %12s %6s %12s %9s%n";
    s.append(
        String.format("%n" + line, "", "cycles, M", "instr., M", "IPC", "misses, k", "preempted"));
    for (Row row : rows) {
      Counters.Counts c = row.counts();
      s.append(
          String.format(
              line,
              shortened(name(row)),
              number("%.3f", c.cycles() / 1e6),
              number("%.3f", c.instructions() / 1e6),
              number("%.2f", c.instructions() / c.cycles()),
              number("%.1f", c.misses() / 1e3),
              number("%.1f", c.preemptions())));
    }
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  private static void implementations(StringBuilder s, List<Row> rows, Profile.Grouping by) {
    if (by == Profile.Grouping.LAYER) {
      return;
    }
    s.append(String.format("%n%-28s %6s computed by%n", by, "count"));
    List<String> lines = new ArrayList<>();
    for (Row row : rows) {
      row.implementations()
          .forEach(
              (name, count) ->
                  lines.add(String.format("%-28s %6d %s%n", row.operation(), count, name)));
    }
    lines.stream().distinct().forEach(s::append);
  }

  private static void totals(StringBuilder s, Profile p) {
    s.append(
        String.format(
            Locale.ROOT,
            "%noperations %.1f ms, interrupted for %.1f ms; whole replay %.1f ± %.1f ms (%d runs), of"
                + " which %.1f ms (%.1f %%) is between operations%n",
            p.seconds() * 1e3,
            p.interruptedSeconds() * 1e3,
            p.wallSeconds() * 1e3,
            p.wallRange() / 2 * 1e3,
            p.runs(),
            p.remainderSeconds() * 1e3,
            100 * p.remainderSeconds() / p.wallSeconds()));
    s.append(
        String.format(
            Locale.ROOT,
            "%.1f GFLOP/s%s%n",
            p.flops() / p.wallSeconds() / 1e9,
            p.peak().trusted()
                ? String.format(
                    Locale.ROOT,
                    "; floor %.1f ms: the replay reaches %.0f %% of the possible speed",
                    p.floorSeconds() * 1e3,
                    100 * p.floorSeconds() / p.wallSeconds())
                : ""));
    s.append(PeakOptions.text(p.peak()));
    if (p.load().busy()) {
      s.append(
          String.format(
              "%nthe machine was busy during the runs, which makes times longer: %s", p.load()));
    }
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  /** Layer and operation, as far as the row has them. */
  static String name(Row row) {
    return (row.layer() + " " + row.operation()).strip();
  }

  /** The end of a long name, where layers differ. */
  private static String shortened(String name) {
    return name.length() <= NAME_WIDTH
        ? name
        : "..." + name.substring(name.length() - NAME_WIDTH + 3);
  }

  /** One line for each row, RFC 4180; units are in the names of the columns. */
  static String csv(Profile profile, ProfileView view) {
    StringBuilder s = new StringBuilder();
    s.append("layer,operation,shape,type,count,seconds,range_seconds,flops,bytes,");
    s.append("floor_seconds,bound,threads_busy,cycles,instructions,cache_misses,preemptions,");
    s.append("implementations\n");
    view.rows(profile).stream()
        .limit(view.limit())
        .forEach(
            row ->
                s.append(
                    String.join(
                            ",",
                            quoted(row.layer()),
                            row.operation(),
                            row.shape(),
                            row.type(),
                            Integer.toString(row.count()),
                            Double.toString(row.seconds()),
                            Double.toString(row.range()),
                            Long.toString(row.flops()),
                            Long.toString(row.bytes()),
                            Double.toString(row.floorSeconds()),
                            row.bound(),
                            known(row.threadsBusy()),
                            counts(row.counts()),
                            quoted(String.join("; ", row.implementations().keySet())))
                        + "\n"));
    return s.toString().stripTrailing();
  }

  private static String counts(Counters.Counts c) {
    return c == null
        ? ",,,"
        : String.join(
            ",",
            known(c.cycles()),
            known(c.instructions()),
            known(c.misses()),
            known(c.preemptions()));
  }

  private static String known(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }
}
