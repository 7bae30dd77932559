package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole training and a data set through {@code --device cuda}, beside the CPU's. */
@OnCuda
class CudaCommandTest {
  private static final int STEPS = 2;

  @TempDir Path folder;

  /** The configuration tiny with so few times that the grid at the end is soon drawn. */
  static Path quick(Path folder) throws IOException {
    try (InputStream tiny = ModelConfig.class.getResourceAsStream("configs/tiny.json")) {
      String json = new String(tiny.readAllBytes(), StandardCharsets.UTF_8);
      return Files.writeString(
          folder.resolve("quick.json"),
          json.replace("\"steps\": 1000", "\"steps\": 2")
              .replace("\"linear\"", "\"linear:0.0001:0.02\"")); // unscaled: 2 times are too few
    }
  }

  private double[] losses(String kind, String device, long sampleEvery) throws IOException {
    Path out = folder.resolve(kind + "-" + device);
    Object[] args = {
      "train",
      kind,
      "--faces",
      TinyModel.faces(),
      "--out",
      out,
      "--config",
      quick(folder),
      "--batch",
      4,
      "--warmup",
      1,
      "--steps",
      STEPS,
      "--sample-every",
      sampleEvery,
      "--device",
      device
    };
    if (kind.equals("diffusion")) {
      args =
          Stream.concat(Stream.of(args), Stream.of("--autoencoder", TinyModel.autoencoder()))
              .toArray();
    }
    Cli.run(args).ok();
    List<String> lines = Files.readAllLines(out.resolve("metrics.jsonl"));
    double[] losses = new double[lines.size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = new ObjectMapper().readTree(lines.get(i)).get("loss").asDouble();
    }
    return losses;
  }

  @Test
  void trainsAsTheCpuDoes() throws IOException {
    for (String kind : List.of("autoencoder", "diffusion")) {
      double[] cpu = losses(kind, "cpu", 0);
      assertEquals(STEPS, cpu.length);
      assertArrayEquals(cpu, losses(kind, "cuda", 1000), 1e-3 * cpu[0], kind);
    }
  }

  /** The stand-ins have two; a machine may have one, or two that round differently. */
  private static void assumeTwoOfAKind() {
    List<String> gpus = Devices.gpus();
    assumeTrue(
        gpus.size() > 1 && gpus.get(0).substring(6).equals(gpus.get(1).substring(6)),
        () -> "no two GPUs of one kind, but " + gpus);
  }

  /** Two GPUs share a batch: the same loss, since each row is fed alike whoever computes it. */
  @Test
  void twoGpusTrainAsOne() throws IOException {
    assumeTwoOfAKind();
    double[] one = losses("diffusion", "cuda", 0);
    double[] two = losses("diffusion", "cuda:0,cuda:1", 1000);
    assertEquals(STEPS, two.length);
    assertArrayEquals(one, two, 1e-4 * one[0]);
  }

  /** Pixels of so many images of each of four identities. */
  private byte[][] images(String device, String type, int count) throws IOException {
    Path out = folder.resolve(device + type);
    Cli.run(
            "generate",
            "--contexts",
            TinyModel.contexts(),
            "--model",
            TinyModel.model(),
            "--images",
            count,
            "--steps",
            2,
            "--spacing",
            "full",
            "--guidance",
            2,
            "--batch",
            3,
            "--seed",
            9,
            "--out",
            out,
            "--device",
            device,
            "--type",
            type)
        .ok();
    List<Path> files;
    try (Stream<Path> all = Files.walk(out)) {
      files = all.filter(f -> f.toString().endsWith(".png")).sorted().toList();
    }
    byte[][] pixels = new byte[files.size()][];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = ImageDecoder.decode(files.get(i)).pixels();
    }
    return pixels;
  }

  /** Differences of all pixels of two sets of images, in steps of 1/255. */
  private static IntSummaryStatistics differences(byte[][] a, byte[][] b) {
    assertEquals(a.length, b.length);
    IntSummaryStatistics differences = new IntSummaryStatistics();
    for (int i = 0; i < a.length; i++) {
      for (int p = 0; p < a[i].length; p++) {
        differences.accept(Math.abs((a[i][p] & 0xff) - (b[i][p] & 0xff)));
      }
    }
    return differences;
  }

  /**
   * In f32 the two differ by rounding alone. In bf16 they round sums in another order, so each is
   * held against f32: the GPU's images may be at most half as far off again as the CPU's.
   */
  @Test
  void drawsTheCpusImages() throws IOException {
    byte[][] exact = images("cpu", "f32", 4);
    assertEquals(16, exact.length);
    IntSummaryStatistics f32 = differences(exact, images("cuda", "f32", 4));
    assertTrue(f32.getMax() <= 2 && f32.getAverage() <= .05, "f32: " + f32);
    double cpu = differences(exact, images("cpu", "bf16", 4)).getAverage();
    IntSummaryStatistics cuda = differences(exact, images("cuda", "bf16", 4));
    assertTrue(cpu > 0 && cpu <= 4, "the CPU's bf16 is off by " + cpu);
    assertTrue(cuda.getMax() <= 40 && cuda.getAverage() <= 2, "bf16: " + cuda);
    assertTrue(cuda.getAverage() <= 1.5 * cpu, "bf16: " + cuda + ", the CPU's: " + cpu);
  }

  /** Images do not depend on who draws them. */
  @Test
  void twoGpusDrawWhatOneDraws() throws IOException {
    assumeTwoOfAKind();
    byte[][] one = images("cuda", "f32", 1);
    byte[][] two = images("cuda:0,cuda:1", "f32", 1);
    assertEquals(4, two.length);
    for (int i = 0; i < one.length; i++) {
      assertArrayEquals(one[i], two[i]);
    }
  }

  private float[] network(Path input, String device) throws IOException {
    Path out = folder.resolve(device + ".npz");
    Path model = TinyModel.model();
    Object[] args = {
      "model", "run", "--model", model, "--input", input, "--out", out, "--device", device
    };
    Cli.run(args).ok();
    try (TensorFile file = TensorFile.open(out)) {
      return file.tensor("y").floats();
    }
  }

  @Test
  void runsANetworkAsTheCpuDoes() throws IOException {
    float[] x = new float[2 * 3 * 8 * 8];
    float[] context = new float[2 * TinyModel.WIDTH];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i * .37);
    }
    for (int i = 0; i < context.length; i++) {
      context[i] = (float) Math.cos(i * .11);
    }
    Path input = folder.resolve("in.npz");
    Npy.writeArchive(
        input,
        Map.of(
            "x", new Npy(new int[] {2, 3, 8, 8}, x),
            "t", new Npy(new int[] {2}, new float[] {10, 500}),
            "context", new Npy(new int[] {2, TinyModel.WIDTH}, context)));
    assertArrayEquals(network(input, "cpu"), network(input, "cuda"), 1e-4f);
  }

  /** Every operation that the plan counts is timed, as often and with the same FLOPs and bytes. */
  @Test
  void profilesWhatItPlans() throws IOException {
    List<Object> network =
        List.of("--config", "tiny", "--training", "--batch", 2, "--device", "cuda", "--json");
    JsonNode plan = run("plan", network);
    JsonNode profile = run("profile", network, "--runs", 1);
    assertTrue(profile.get("device").asText().startsWith("cuda:0 "), profile.toString());
    Map<String, String> planned = operations(plan);
    planned.keySet().removeIf(name -> name.equals("reshape")); // nothing runs
    assertEquals(planned, operations(profile));
    assertTrue(planned.size() > 10, planned.toString());
    double sum = 0;
    for (JsonNode row : profile.get("operations")) {
      double seconds = row.get("seconds").asDouble();
      assertTrue(seconds > 0 && seconds < 60, row.toString());
      sum += seconds;
    }
    assertEquals(profile.get("seconds").asDouble(), sum, 1e-9);
  }

  private static JsonNode run(String command, List<Object> network, Object... more)
      throws IOException {
    List<Object> args = new ArrayList<>(List.of(command));
    args.addAll(network);
    args.addAll(List.of(more));
    return Cli.run(args.toArray()).ok().json();
  }

  private static Map<String, String> operations(JsonNode json) {
    Map<String, String> operations = new TreeMap<>();
    for (JsonNode row : json.get("operations")) {
      String figures = row.get("count") + " times, " + row.get("flops") + " " + row.get("bytes");
      operations.put(row.get("operation").asText(), figures);
    }
    return operations;
  }
}
