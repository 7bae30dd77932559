package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.profile.BenchOperation;
import dev.fizzy.engine.profile.OperationBench;
import dev.fizzy.engine.profile.Peak;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    description =
        "Times one operation alone, by the name of its kernel, and prints its largest error beside"
            + " the same operation in f32 at the level `reference`.",
    footer = {
      "",
      "Examples:",
      "  fizzy bench group_norm --shape 16,64,64,128 --type bf16",
      "  fizzy bench convolution --shape 8,32,32,96 --set k=3,out=192 --training --level all",
      "  fizzy bench linear_backward_weights --shape 4096,384 --sweep 2=96,192,384,768 --training",
      "  fizzy bench activation --shape 4096,384 --cold --runs 100 --peak memory=28",
      "  fizzy bench add --shape 16,4096 --threads 1 --json",
      "  fizzy bench attention --shape 8,256,192 --set heads=4 --device cuda",
      "  fizzy bench"
    })
final class BenchCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "OPERATION",
      description = "Kernel or operation; without it, those that can be timed are listed.")
  private String name;

  @Option(
      names = "--shape",
      split = ",",
      paramLabel = "N",
      description = "Shape of the first input; what the numbers are is in the list.")
  private int[] shape;

  @Option(
      names = "--set",
      split = ",",
      paramLabel = "NAME=N",
      description = "Settings of the operation; their defaults are in the list.")
  private Map<String, Integer> settings = new LinkedHashMap<>();

  @Option(
      names = "--sweep",
      paramLabel = "I=N,N,...",
      description = "Repeat with other values of number I of the shape, counted from 1.")
  private Sweep sweep;

  @Option(
      names = "--type",
      split = ",",
      defaultValue = "f32,bf16",
      description = "Types of the activations, f32 and bf16; default: ${DEFAULT-VALUE}.")
  private List<DType> types;

  @Option(
      names = "--level",
      split = ",",
      paramLabel = "NAME",
      description =
          "Instruction-set levels, or `all`; default: the best of this machine, or"
              + " FIZZY_CPU_LEVEL.")
  private List<String> levels;

  @Option(names = "--training", description = "Time the kernels of the gradients too.")
  private boolean training;

  @Option(names = "--cold", description = "Also time runs before which the caches are overwritten.")
  private boolean cold;

  @Option(
      names = "--runs",
      defaultValue = "30",
      description = "Timed runs after a warm-up; medians are printed; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int runs;

  @Mixin private DeviceOptions devices;
  @Mixin private PeakOptions peaks;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    peaks.check();
    if (name == null) {
      list();
      return 0;
    }
    BenchOperation operation = OptionTypes.checked(() -> BenchOperation.named(name));
    if (shape == null) {
      throw new OptionException(
          "--shape " + operation.form() + " is missing for " + operation.kernel());
    }
    boolean gradient = training || !name.equals(operation.kernel());
    List<OperationBench.Timing> timings = new ArrayList<>();
    try (Device device = devices.open()) {
      boolean leveled = device.name().equals("cpu");
      if (levels != null && !leveled) {
        throw new OptionException("--level is for --device cpu");
      }
      String before = Devices.level();
      Peak peak = peaks.of(device);
      try {
        for (String level : leveled ? wanted() : List.of(device.name())) {
          if (leveled) {
            Devices.setLevel(level);
          }
          for (int[] each : sweep == null ? List.of(shape) : sweep.shapes(shape)) {
            OperationBench bench =
                new OperationBench(operation, name, each, settings, gradient, runs, cold);
            for (DType type : types) {
              timings.addAll(bench.run(device, level, type, peak));
            }
          }
        }
      } finally {
        Devices.setLevel(before);
      }
      output.print(
          BenchTable.json(operation, device, peak, timings), BenchTable.text(peak, timings));
    }
    return 0;
  }

  private List<String> wanted() {
    if (levels == null) {
      return List.of(Devices.level());
    }
    return levels.equals(List.of("all"))
        ? Stream.concat(Stream.of(Devices.REFERENCE), Devices.levels().stream()).toList()
        : levels;
  }

  private void list() {
    Map<String, Object> json = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    lines.add(String.format("%-24s %-9s %s", "operation", "shape", "settings"));
    for (BenchOperation o : BenchOperation.values()) {
      json.put(o.kernel(), Map.of("shape", o.form(), "settings", o.defaults()));
      String defaults =
          o.defaults().entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining(","));
      lines.add(String.format("%-24s %-9s %s", o.kernel(), o.form(), defaults).stripTrailing());
    }
    lines.add("");
    lines.add(
        "B images, H x W pixels, C channels, R rows, T tokens; 0 of out and n is the input's.");
    output.print(Map.of("operations", json), String.join(System.lineSeparator(), lines));
  }
}
