package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Profile;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "profile",
    description =
        "Measures the time of each operation of a network, compared with this machine's measured"
            + " peak. Weights are random.",
    footer = {"", "Example:", "  fizzy profile --config face64 --batch 16 --training"})
final class ProfileCommand implements Callable<Integer> {
  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Option(
      names = "--runs",
      defaultValue = "5",
      description = "Number of runs; the median is printed; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int runs;

  @Override
  public Integer call() {
    Graph graph = network.graph();
    try (Device device = devices.open();
        Parameters parameters =
            network.training()
                ? new Parameters(device, graph.parameters(), Region.VALUES, Region.GRADIENTS)
                : new Parameters(device, graph.parameters(), Region.VALUES)) {
      parameters.initialize(1);
      try (Program program = new Program(graph, device, parameters)) {
        for (Tensor input : graph.inputs().values()) {
          if (input.type() == DType.I32) {
            program.write(input, new int[Math.toIntExact(input.elements())]); // valid labels
          }
        }
        Profile profile = Profile.of(program, runs);
        Map<String, Object> json = new LinkedHashMap<>(network.fields());
        json.put("device", device.description());
        json.put("seconds", profile.seconds());
        json.put("flops", profile.flops());
        json.put("peak_flops", profile.peakFlops());
        json.put("peak_bandwidth", profile.peakBandwidth());
        json.put("operations", profile.byOperation());
        json.put("rows", profile.rows());
        output.print(json, text(profile));
      }
    }
    return 0;
  }

  private static String text(Profile profile) {
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            Locale.ROOT,
            "%-28s %6s %10s %7s %10s %8s %10s%n",
            "operation",
            "count",
            "ms",
            "share",
            "GFLOP/s",
            "GB/s",
            "of floor"));
    for (Profile.Row row : profile.byOperation()) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-28s %6d %10.3f %6.1f%% %10.1f %8.1f %9.0f%%%n",
              row.operation(),
              row.count(),
              row.seconds() * 1e3,
              100 * row.seconds() / profile.seconds(),
              row.gflops(),
              row.gbytes(),
              100 * row.ofFloor(profile.peakFlops(), profile.peakBandwidth())));
    }
    s.append(String.format("%n%-28s %6s computed by%n", "operation", "count"));
    for (Profile.Row row : profile.byOperation()) {
      row.implementations()
          .forEach(
              (name, count) ->
                  s.append(String.format("%-28s %6d %s%n", row.operation(), count, name)));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%ntotal %.1f ms, %.1f GFLOP/s, %.0f %% of the measured peak of %.1f GFLOP/s; copy"
                + " bandwidth %.1f GB/s",
            profile.seconds() * 1e3,
            profile.flops() / profile.seconds() / 1e9,
            100 * profile.flops() / profile.seconds() / profile.peakFlops(),
            profile.peakFlops() / 1e9,
            profile.peakBandwidth() / 1e9));
    return s.toString();
  }
}
