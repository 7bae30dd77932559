package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.profile.BenchOperation;
import dev.fizzy.engine.profile.OperationBench.Timing;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.engine.profile.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Times of single operations as a table and as JSON. */
final class BenchTable {
  private BenchTable() {}

  static String text(Peak peak, List<Timing> timings) {
    boolean cold = timings.stream().anyMatch(t -> !Double.isNaN(t.coldSeconds()));
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            "%-12s %-4s %9s %7s %9s%7s %8s %-7s %9s  %s%n",
            "level",
            "type",
            "ms",
            "± ms",
            cold ? "cold ms   GFLOP/s" : "GFLOP/s",
            "GB/s",
            "of floor",
            "bound",
            "error",
            "kernel and shape"));
    for (Timing t : timings) {
      Row row = t.row();
      s.append(
          String.format(
              Locale.ROOT,
              "%-12s %-4s %9.3f %7.3f %s%9.1f %6.1f %8s %-7s %9.1e  %s %s%n",
              t.level(),
              row.type(),
              row.seconds() * 1e3,
              row.range() / 2 * 1e3,
              cold ? String.format(Locale.ROOT, "%7.3f ", t.coldSeconds() * 1e3) : "",
              row.gflops(),
              row.gbytes(),
              peak.trusted() ? String.format(Locale.ROOT, "%.0f%%", 100 * row.ofFloor()) : "",
              row.bound(),
              t.error(),
              row.operation(),
              row.shape()));
    }
    s.append(String.format("%ncomputed by%n"));
    timings.stream()
        .map(t -> t.row().operation() + " " + t.row().type() + ": " + implementation(t))
        .distinct()
        .forEach(line -> s.append(line).append(System.lineSeparator()));
    timings.stream()
        .map(Timing::reference)
        .filter(r -> !r.isEmpty())
        .distinct()
        .forEach(r -> s.append("error beside ").append(r).append(" in f32\n"));
    return s.append(PeakOptions.text(peak)).toString();
  }

  private static String implementation(Timing t) {
    return String.join("; ", t.row().implementations().keySet());
  }

  static Map<String, Object> json(
      BenchOperation operation, Device device, Peak peak, List<Timing> timings) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("operation", operation.kernel());
    json.put("device", device.description());
    json.put("peak", ProfileJson.peak(peak));
    json.put("rows", timings.stream().map(BenchTable::row).toList());
    return json;
  }

  private static Map<String, Object> row(Timing t) {
    Map<String, Object> json = ProfileJson.row(t.row());
    json.put("level", t.level());
    json.put("cold_seconds", ProfileJson.known(t.coldSeconds()));
    json.put("error", ProfileJson.known(t.error()));
    json.put("reference", t.reference());
    return json;
  }
}
