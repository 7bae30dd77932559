package dev.fizzy.cli;

import dev.fizzy.cli.MemoryPlan.Planned;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.profile.ArenaTimeline;
import dev.fizzy.engine.profile.Peak;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A plan as a table and as JSON.
 *
 * @param peak of the machine, if one is stored, else null
 * @param last time that `fizzy profile` measured last, or null
 * @param measured resident bytes of a run, or null
 */
record PlanTable(MemoryPlan memory, int batch, Peak peak, StoredTimes.Time last, Long measured) {
  private static final int LARGEST = 8;

  private List<Plan> plans() {
    return memory.programs().stream().map(Planned::plan).toList();
  }

  private long flops() {
    return plans().stream().mapToLong(Plan::flops).sum();
  }

  private long parameters() {
    return plans().stream().mapToLong(Plan::parameterCount).sum();
  }

  /** The least seconds of one run of each program; NaN without a stored peak. */
  private double floorSeconds() {
    if (peak == null || !peak.trusted()) {
      return Double.NaN;
    }
    double seconds = 0;
    for (Plan plan : plans()) {
      double flops = peak.flops(plan.graph().compute() == DType.BF16 ? DType.BF16 : DType.F32);
      for (Graph.Node node : plan.nodes()) {
        double compute = node.operation().flops() / flops;
        long bytes = node.operation().view() ? 0 : node.operation().bytes(plan.weights());
        seconds += Math.max(compute, bytes / peak.bandwidth());
      }
    }
    return seconds;
  }

  Map<String, Object> json(Map<String, Object> about) {
    Map<String, Object> json = new LinkedHashMap<>(about);
    json.put("parameters", parameters());
    json.put("parameter_bytes", plans().stream().mapToLong(Plan::parameterBytes).sum());
    json.put("flops", flops());
    json.put("floor_seconds", Double.isNaN(floorSeconds()) ? null : floorSeconds());
    json.put("last_profile", last);
    json.put("arena_bytes", plans().stream().mapToLong(Plan::arenaBytes).sum());
    json.put("workers", memory.workers());
    json.put("memory", memory.parts());
    json.put("memory_bytes", memory.bytes());
    json.put("measured_bytes", measured);
    json.put("operations", plans().stream().flatMap(p -> p.groups().stream()).toList());
    json.put("arenas", memory.programs().stream().map(PlanTable::arena).toList());
    return json;
  }

  private static Map<String, Object> arena(Planned program) {
    ArenaTimeline timeline = ArenaTimeline.of(program.plan());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("network", program.name());
    json.put("bytes", program.plan().arenaBytes());
    json.put("live_bytes", timeline.live());
    json.put("peak_operation", timeline.peak());
    json.put("peak_bytes", timeline.peakBytes());
    json.put("at_peak", timeline.atPeak());
    json.put(
        "operations",
        program.plan().nodes().stream()
            .map(n -> (n.scope() + " " + n.operation().name()).strip())
            .toList());
    return json;
  }

  String text() {
    StringBuilder s = new StringBuilder();
    for (Planned program : memory.programs()) {
      operations(s, program);
    }
    s.append(line("parameters", String.format(Locale.ROOT, "%,d", parameters())));
    s.append(
        line(
            "FLOPs",
            String.format(Locale.ROOT, "%.3f GFLOP for a batch of %d", flops() / 1e9, batch)));
    if (!Double.isNaN(floorSeconds())) {
      s.append(line("least time", String.format(Locale.ROOT, "%.1f ms", floorSeconds() * 1e3)));
    }
    if (last != null) {
      s.append(
          line(
              "last profile",
              String.format(
                  Locale.ROOT,
                  "%.1f ms, measured %s%s",
                  last.seconds() * 1e3,
                  last.measured(),
                  last.busy() ? " on a busy machine" : "")));
    }
    s.append(String.format("%nmemory%n"));
    memory.parts().forEach((name, bytes) -> s.append(line("  " + name, MemorySize.text(bytes))));
    String workers = memory.workers() > 1 ? " and " + memory.workers() + " workers" : "";
    s.append(line("  all", MemorySize.text(memory.bytes()) + " for a batch of " + batch + workers));
    if (measured != null) {
      s.append(
          line(
              "  measured",
              String.format(
                  Locale.ROOT,
                  "%s, %.1f %% %s than planned",
                  MemorySize.text(measured),
                  100 * Math.abs(1. * measured / memory.bytes() - 1),
                  measured > memory.bytes() ? "more" : "less")));
    }
    memory.programs().forEach(program -> peak(s, program));
    return s.toString().stripTrailing();
  }

  private static void operations(StringBuilder s, Planned program) {
    s.append(
        String.format(
            "%-28s %8s %14s %14s%n", "operation of " + program.name(), "count", "GFLOP", "MB"));
    for (Plan.Group g : program.plan().groups()) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-28s %8d %14.3f %14.2f%n",
              g.operation(),
              g.count(),
              g.flops() / 1e9,
              g.bytes() / 1e6));
    }
    s.append(String.format("%n"));
  }

  private static void peak(StringBuilder s, Planned program) {
    ArenaTimeline timeline = ArenaTimeline.of(program.plan());
    if (program.plan().nodes().isEmpty()) {
      return;
    }
    Graph.Node node = program.plan().nodes().get(timeline.peak());
    s.append(
        String.format(
            "%nThe arena of the %s is fullest, %s, during %s %s, operation %d of %d.%n",
            program.name(),
            MemorySize.text(timeline.peakBytes()),
            node.scope(),
            node.operation().name(),
            timeline.peak() + 1,
            program.plan().nodes().size()));
    timeline
        .byContent()
        .forEach((content, bytes) -> s.append(line("  " + name(content), MemorySize.text(bytes))));
    List<String> largest = new ArrayList<>();
    for (Plan.Use use : timeline.atPeak().stream().limit(LARGEST).toList()) {
      largest.add(
          String.format("  %9s  %s  %s", MemorySize.text(use.bytes()), use.layer(), use.name()));
    }
    s.append("largest then\n").append(String.join("\n", largest)).append("\n");
  }

  private static String name(Plan.Content content) {
    return content.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String line(String name, String value) {
    return String.format("%-24s %s%n", name, value);
  }
}
