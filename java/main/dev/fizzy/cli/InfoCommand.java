package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.OnnxRuntime;
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
    info.put("onnxruntime", OnnxRuntime.version());
    output.print(
        info,
        info.entrySet().stream()
            .map(e -> String.format("%-16s %s", e.getKey(), text(e.getValue())))
            .collect(Collectors.joining("\n")));
    return 0;
  }

  /** Prints a list with one element per line. */
  private static String text(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(Object::toString).collect(Collectors.joining("\n" + " ".repeat(17)))
        : value.toString();
  }
}
