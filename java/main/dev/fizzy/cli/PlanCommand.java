package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Plan;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "plan",
    description =
        "Prints the cost of a network without allocating it: parameters, FLOPs, memory traffic,"
            + " arena size.",
    footer = {"", "Example:", "  fizzy plan --config idiff-face --batch 8 --json"})
final class PlanCommand implements Callable<Integer> {
  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    try (Device device = devices.open()) {
      Plan plan = new Plan(network.work().graph(), device);
      Map<String, Object> json = new LinkedHashMap<>(network.fields());
      json.put("parameters", plan.parameterCount());
      json.put("parameter_bytes", plan.parameterBytes());
      json.put("flops", plan.flops());
      json.put("arena_bytes", plan.arenaBytes());
      json.put("operations", plan.groups());
      output.print(json, text(plan));
    }
    return 0;
  }

  private String text(Plan plan) {
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(Locale.ROOT, "%-28s %8s %14s %14s%n", "operation", "count", "GFLOP", "MB"));
    for (Plan.Group g : plan.groups()) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-28s %8d %14.3f %14.2f%n",
              g.operation(),
              g.count(),
              g.flops() / 1e9,
              g.bytes() / 1e6));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%nparameters  %,d (%.1f MB)%n",
            plan.parameterCount(),
            plan.parameterBytes() / 1e6));
    s.append(
        String.format(
            Locale.ROOT,
            "FLOPs       %.3f GFLOP for a batch of %d%n",
            plan.flops() / 1e9,
            network.batch()));
    s.append(
        String.format(
            Locale.ROOT,
            "arena       %.1f MB (activations, scratch, packed weights)",
            plan.arenaBytes() / 1e6));
    return s.toString();
  }
}
