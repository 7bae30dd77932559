package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.GroupNorm;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.identity.OnnxLibrary;
import dev.fizzy.identity.OnnxRuntime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "info",
    description =
        "Prints what Fizzy computes with: device, instruction set, threads, library versions,"
            + " available GPUs.",
    footer = {"", "Example:", "  fizzy info --json"})
final class InfoCommand implements Callable<Integer> {
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("fizzy", Version.number());
    try (Device device = devices.open()) {
      info.put("device", device.name());
      info.put("description", device.description());
      info.put("bf16 kernels", kernels(device));
    }
    info.put("levels", String.join(" ", Devices.levels()));
    List<String> gpus = Devices.gpus();
    info.put("gpus", gpus);
    info.put("processors", Runtime.getRuntime().availableProcessors());
    info.put("heap limit MiB", Runtime.getRuntime().maxMemory() >> 20);
    info.put("java", Runtime.version().toString());
    info.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    info.put("onnxruntime", OnnxLibrary.present() ? OnnxRuntime.version() : "not included");
    output.print(
        info,
        info.entrySet().stream()
            .map(e -> String.format("%-16s %s", e.getKey(), text(e.getValue())))
            .collect(Collectors.joining("\n")));
    return 0;
  }

  /** What computes the operations in which the networks spend their time. */
  private static List<String> kernels(Device device) {
    Graph g = new Graph(DType.BF16);
    int c = 192;
    Tensor image = g.input("image", DType.BF16, Stage.EVALUATION, 8, 16, 16, c);
    Tensor tokens = g.input("tokens", DType.BF16, Stage.EVALUATION, 8, 256, c);
    Tensor ones = g.parameter(Parameter.of("ones", Parameter.Init.ONES, c));
    GroupNorm.of(image, ones, ones, 32, 1e-5f, true);
    Tensor filter = g.parameter(Parameter.of("filter", Parameter.Init.ONES, c, c, 3, 3));
    Convolution.of(image, filter, ones, null, 1, Convolution.Padding.same(1));
    Tensor weight = g.parameter(Parameter.of("weight", Parameter.Init.ONES, 3 * c, c));
    Attention.self(Linear.of(tokens, weight, null, null), c / 32);
    List<String> lines = new ArrayList<>();
    new Plan(g, device)
        .implementations()
        .forEach((operation, by) -> lines.add(operation + ": " + String.join("; ", by.keySet())));
    return lines;
  }

  /** Prints a list with one element per line. */
  private static String text(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(Object::toString).collect(Collectors.joining("\n" + " ".repeat(17)))
        : value.toString();
  }
}
