package dev.fizzy.cli;

import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import dev.fizzy.weights.TensorStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = {
      "Lists the tensors of a file: names, shapes, types, values and metadata. For a folder, reads"
          + " every file and prints a table: what was read, what was refused, and why.",
      "Reads PyTorch files (zip, and pickle streams from before 1.6), safetensors (also in several"
          + " files, by their index), .npy and .npz, recognized by their content. No code in the"
          + " files is executed."
    },
    footer = {
      "",
      "Examples:",
      "  fizzy inspect ema_averaged_model.ckpt",
      "  fizzy inspect photos/ --json > photos.json"
    })
final class InspectCommand implements Callable<Integer> {
  /** Printed characters of a metadata value; --json prints it in full. */
  private static final int NOTE = 100;

  @Parameters(
      paramLabel = "FILE",
      description =
          "File of tensors, or a folder of images, data sets, tables, networks and files of"
              + " tensors.")
  private Path file;

  @Option(
      names = "--no-values",
      description = "Print only names, shapes and types; do not read the values.")
  private boolean shapesOnly;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    if (Files.isDirectory(file)) {
      FolderInspection.of(file).print(output);
      return 0;
    }
    try (TensorFile in = TensorFile.open(file)) {
      List<Map<String, Object>> tensors = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      int width = in.names().stream().mapToInt(String::length).max().orElse(6);
      text.append(
          String.format(
              Locale.ROOT,
              "%-" + width + "s %-5s %-18s %11s %11s %11s %8s%n",
              "tensor",
              "type",
              "shape",
              "min",
              "mean",
              "max",
              "NaN"));
      long elements = 0;
      long nan = 0;
      for (var entry : in.tensors().entrySet()) {
        StoredTensor tensor = entry.getValue();
        elements += tensor.elements();
        TensorStatistics values = shapesOnly ? null : TensorStatistics.of(tensor);
        nan += values == null ? 0 : values.nan();
        tensors.add(fields(entry.getKey(), tensor, values));
        text.append(line(entry.getKey(), width, tensor, values));
      }
      in.metadata().forEach((key, value) -> text.append(note(key, value)));
      text.append(
          String.format(
              Locale.ROOT,
              "%n%s: %s; %,d tensors, %,d elements%s",
              file,
              in.format(),
              tensors.size(),
              elements,
              nan == 0 ? "" : String.format(Locale.ROOT, ", %,d of them NaN", nan)));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("file", file.toString());
      json.put("format", in.format());
      json.put("elements", elements);
      json.put("metadata", in.metadata());
      json.put("tensors", tensors);
      output.print(json, text.toString());
    }
    return 0;
  }

  private static Map<String, Object> fields(
      String name, StoredTensor tensor, TensorStatistics values) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("type", tensor.type().name().toLowerCase(Locale.ROOT));
    fields.put("shape", tensor.shape());
    if (values != null) {
      fields.put("min", finite(values.minimum()));
      fields.put("mean", finite(values.mean()));
      fields.put("max", finite(values.maximum()));
      fields.put("nan", values.nan());
      fields.put("infinite", values.infinite());
    }
    return fields;
  }

  /** JSON has no NaN and no infinity. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String line(String name, int width, StoredTensor tensor, TensorStatistics values) {
    String start =
        String.format(
            Locale.ROOT,
            "%-" + width + "s %-5s %-18s",
            printable(name),
            tensor.type().name().toLowerCase(Locale.ROOT),
            Arrays.toString(tensor.shape()));
    if (values == null) {
      return start.stripTrailing() + System.lineSeparator();
    }
    return start
        + String.format(
            Locale.ROOT,
            " %11.4g %11.4g %11.4g %8s%n",
            values.minimum(),
            values.mean(),
            values.maximum(),
            values.nan() == 0 ? "" : values.nan());
  }

  private static String note(String key, String value) {
    String line = printable(value.replaceAll("\\s+", " "));
    return printable(key)
        + " = "
        + (line.length() > NOTE ? line.substring(0, NOTE) + "..." : line)
        + System.lineSeparator();
  }

  /** Replaces control characters, which a terminal would interpret. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
