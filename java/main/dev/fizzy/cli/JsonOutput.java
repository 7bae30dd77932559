package dev.fizzy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.fizzy.cluster.Output;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.report.Report;
import dev.fizzy.report.ReportPage;
import dev.fizzy.report.StoredResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: a command's result on stdout, as text or with --json as one JSON object. */
class JsonOutput {
  private static final String DATASET = "data set";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  private final long created = System.nanoTime();

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  CommandLine command() {
    return command.commandLine();
  }

  boolean json() {
    return json;
  }

  /** Prints the fields as JSON with --json, else the text. */
  void print(Map<String, ?> fields, String text) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      try {
        out.println(
            new ObjectMapper()
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .writeValueAsString(fields));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("the result of " + command.name() + " is not JSON", e);
      }
    } else {
      out.println(text);
    }
    out.flush();
  }

  /**
   * Writes a result for {@code fizzy report}.
   *
   * @param kind what was measured
   * @param begin {@link System#nanoTime} at the start
   * @param threads number of threads used
   */
  void keep(String kind, Path file, long begin, int threads, Map<String, Object> fields) {
    keep(kind, file, begin, hardware(threads), fields);
  }

  /** Writes the command that made an input of other commands. */
  void keepCommand(Path file, String kind, Map<String, Object> fields) {
    keep(kind, file, created, "", fields);
  }

  private void keep(
      String kind, Path file, long begin, String hardware, Map<String, Object> fields) {
    stored(kind, file, begin, hardware, fields).write(file);
  }

  /** A result as it is written to a file. */
  private StoredResult stored(
      String kind, Path file, long begin, String hardware, Map<String, Object> fields) {
    return new StoredResult(
        kind,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        Version.number(),
        commandLine(),
        workingFolder(file),
        hardware,
        (System.nanoTime() - begin) / 1e9,
        fields);
  }

  /** Writes the report's page of one result alone. */
  void writePage(
      String kind, Path html, long begin, int threads, Map<String, Object> fields, String title) {
    StoredResult stored = stored(kind, html, begin, hardware(threads), fields);
    ReportPage.writePage(Report.of(new Report.NamedResult(title, stored), title), html);
  }

  /**
   * Keeps the command that made a part of a data set beside its manifest, unless it is there and
   * this command found every image written.
   *
   * @param written number of images that this command wrote
   */
  void keepDataset(
      Path set, Shard shard, long written, long begin, int threads, Map<String, Object> fields) {
    Path file = set.resolve("manifest-made" + shard.suffix() + ".json");
    if (written > 0 || !Files.exists(file)) {
      keep(DATASET, file, begin, threads, fields);
    }
  }

  /** The same for a set on any file system of a cluster. */
  void keepDataset(
      Output set, long written, long begin, String hardware, Map<String, Object> fields)
      throws IOException {
    String name = "manifest-made.json";
    if (written > 0) {
      set.delete(name);
    }
    if (!set.exists(name)) {
      Path here = Path.of(name);
      set.writeOnce(name, stored(DATASET, here, begin, hardware, fields).json());
    }
  }

  private String commandLine() {
    return commandLine(command());
  }

  /** The command line as it was given, for a shell. */
  static String commandLine(CommandLine command) {
    CommandLine root = command;
    while (root.getParent() != null) {
      root = root.getParent();
    }
    return root.getParseResult().originalArgs().stream()
        .map(arg -> arg.matches("[\\w./=:,+@%-]+") ? arg : "'" + arg.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" ", "fizzy ", ""));
  }

  /** The folder that the command runs in, relative to a file. */
  private static String workingFolder(Path file) {
    Path here = Path.of("").toAbsolutePath().normalize();
    return file.toAbsolutePath().normalize().getParent().relativize(here).toString();
  }

  private static String hardware(int threads) {
    try (Device device = Devices.open("cpu", threads)) {
      // Without the last part, a path on this machine.
      return device.description().replaceFirst(", /[^,]*$", "");
    }
  }
}
