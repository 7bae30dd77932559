package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.rival.Ours;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Small trainings from the command line, for tests. */
final class TrainRuns {
  static final int STEPS = 6;

  private TrainRuns() {}

  static Object[] command(String kind, Path out, Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                kind,
                "--faces",
                TinyModel.faces(),
                "--out",
                out,
                "--config",
                "tiny",
                "--batch",
                4,
                "--warmup",
                2,
                "--steps",
                STEPS,
                "--checkpoint-every",
                5,
                "--sample-every",
                0));
    if (kind.equals("diffusion")) {
      args.addAll(List.of("--autoencoder", TinyModel.autoencoder()));
    }
    for (int i = 0; i < more.length; i++) {
      int there = args.indexOf(more[i]);
      if (there >= 0 && String.valueOf(more[i]).startsWith("--")) {
        args.set(there + 1, more[++i]);
      } else {
        args.add(more[i]);
      }
    }
    return args.toArray();
  }

  static Map<String, String> metadata(Path out) {
    try (Safetensors file = Safetensors.open(out.resolve("checkpoint.safetensors"))) {
      return file.metadata();
    }
  }

  static List<Long> steps(Path out) throws IOException {
    List<Long> steps = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      steps.add(new ObjectMapper().readTree(line).get("step").asLong());
    }
    return steps;
  }

  /** A recognizer for faces of that size, with random weights. */
  static Path recognizer(Path folder, int size) {
    return recognizer(folder, size, 16);
  }

  static Path recognizer(Path folder, int size, int width) {
    IResNetConfig config = new IResNetConfig("eyes", List.of(1, 1, 1, 1), 8, width, size, 0);
    Path file = folder.resolve("eyes" + size + "-" + width + ".safetensors");
    Graph g = Recorded.recognizer(config, 1);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 3);
      RecognizerFile.write(file, config, Safetensors.Type.F32, Map.of(), parameters);
    }
    return file;
  }

  static JsonNode metrics(Path out, int line) throws IOException {
    return new ObjectMapper().readTree(Files.readAllLines(out.resolve("metrics.jsonl")).get(line));
  }

  static Object[] with(Object[] args, String option, Object value) {
    Object[] all = args.clone();
    int there = Arrays.asList(all).indexOf(option);
    all[there + 1] = value;
    return all;
  }

  static Object[] with(Object[] args, Object more) {
    Object[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = more;
    return all;
  }

  static void refused(Cli.Result result, String... parts) {
    assertEquals(1, result.code(), result.err());
    assertEquals(1, result.err().strip().lines().count(), result.err());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
  }
}
