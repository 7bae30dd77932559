package dev.fizzy.cli;

import dev.fizzy.recognition.Verification;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Results of verification sets as a table with their mean accuracy. */
final class VerificationTable {
  private record Row(String name, Verification result, Map<String, Object> fields) {}

  private final List<Row> rows = new ArrayList<>();

  void add(String name, Verification result, Map<String, Object> fields) {
    rows.add(new Row(name, result, fields));
  }

  int size() {
    return rows.size();
  }

  private double mean() {
    return rows.stream().mapToDouble(r -> r.result.folded().accuracy()).average().orElse(0);
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("mean_accuracy", mean());
    Map<String, Object> sets = new LinkedHashMap<>();
    rows.forEach(row -> sets.put(row.name, row.fields));
    fields.put("sets", sets);
    return fields;
  }

  String text() {
    if (rows.size() == 1) {
      return sentence(rows.get(0).result);
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%-24s %8s %6s %10s %7s %7s%n", "set", "accuracy", "+-", "TAR@1e-3", "EER", "pairs"));
    for (Row row : rows) {
      Verification r = row.result;
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %8.2f %6.2f %10s %7.2f %7d%n",
              row.name,
              100 * r.folded().accuracy(),
              100 * r.folded().deviation(),
              percent(r.scores().acceptance().get("1e-3")),
              100 * r.scores().equalErrorRate(),
              r.pairs()));
    }
    return text.append(String.format(Locale.ROOT, "%-24s %8.2f", "mean", 100 * mean())).toString();
  }

  private static String percent(Double rate) {
    return rate == null ? "-" : String.format(Locale.ROOT, "%.2f", 100 * rate);
  }

  /** "98.10 % at 1e-3, 99.20 % at 1e-2". */
  static String percents(Map<String, Double> rates) {
    if (rates.isEmpty()) {
      return "not measured by so few impostor pairs";
    }
    return rates.entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%.2f %% at %s", 100 * e.getValue(), e.getKey()))
        .collect(Collectors.joining(", "));
  }

  private static String sentence(Verification result) {
    return String.format(
        Locale.ROOT,
        "accuracy %.2f %% +- %.2f (%d pairs, %d skipped); TAR %s; EER %.2f %%; AUC %.4f",
        100 * result.folded().accuracy(),
        100 * result.folded().deviation(),
        result.pairs(),
        result.skipped(),
        percents(result.scores().acceptance()),
        100 * result.scores().equalErrorRate(),
        result.scores().areaUnderCurve());
  }
}
