package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Devices;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code model calibrate}, and {@code --type int8}. */
class ModelCalibrateTest {
  @TempDir private static Path shared;
  private static Path model;

  @TempDir private Path folder;

  private static void onProcessorsWithIntegers() {
    assumeTrue(Devices.compute(DType.BF16, List.of("cpu")));
  }

  @BeforeAll
  static void calibrate() throws IOException {
    model = shared.resolve("calibrated.safetensors");
    calibrate(TinyModel.model(), model).ok();
  }

  private static Cli.Result calibrate(Path model, Path out) throws IOException {
    return Cli.run(
        "model",
        "calibrate",
        "--model",
        model,
        "--contexts",
        TinyModel.contexts(),
        "--images",
        3,
        "--out",
        out);
  }

  private Cli.Result generate(Path model, String type, String out, Object... more)
      throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--model", model, "--type", type));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--images", 3, "--steps", 4));
    args.addAll(List.of("--guidance", 2, "--out", folder.resolve(out)));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private Map<String, Path> images(String out) throws IOException {
    Map<String, Path> images = new TreeMap<>();
    Path root = folder.resolve(out);
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(f -> f.toString().endsWith(".png"))
          .forEach(f -> images.put(root.relativize(f).toString(), f));
    }
    return images;
  }

  private Map<String, Integer> hashes(String out) throws IOException {
    Map<String, Integer> hashes = new TreeMap<>();
    for (Map.Entry<String, Path> image : images(out).entrySet()) {
      hashes.put(image.getKey(), Arrays.hashCode(Files.readAllBytes(image.getValue())));
    }
    return hashes;
  }

  @Test
  void imagesDependNeitherOnBatchNorThreadsNorShardsAndAreNearThoseOfBf16() throws IOException {
    onProcessorsWithIntegers();
    generate(model, "int8", "one", "--batch", 12, "--threads", 1).ok();
    generate(model, "int8", "two", "--batch", 1, "--threads", 2, "--shard", "1/2").ok();
    generate(model, "int8", "two", "--batch", 5, "--threads", 3, "--shard", "2/2").ok();
    generate(model, "bf16", "floats").ok();
    Map<String, Integer> expected = hashes("one");
    assertEquals(12, expected.size());
    assertEquals(expected, hashes("two"));
    assertNotEquals(expected, hashes("floats"));
    double difference = 0;
    for (String name : expected.keySet()) {
      difference += difference(images("one").get(name), images("floats").get(name)) / 12;
    }
    assertTrue(difference < 4, "levels of 255: " + difference);
    assertTrue(Files.readString(folder.resolve("one/manifest.json")).contains("INT8"));
  }

  private static double difference(Path one, Path other) throws IOException {
    BufferedImage a = ImageIO.read(one.toFile());
    BufferedImage b = ImageIO.read(other.toFile());
    double sum = 0;
    for (int y = 0; y < a.getHeight(); y++) {
      for (int x = 0; x < a.getWidth(); x++) {
        sum += Math.abs((a.getRGB(x, y) & 255) - (b.getRGB(x, y) & 255));
      }
    }
    return sum / a.getWidth() / a.getHeight();
  }

  @Test
  void weightsStayAsTheyAreAndFurtherCommandsKeepWhatWasMeasured() throws IOException {
    Path small = folder.resolve("small.safetensors");
    Cli.run("model", "convert", "--model", model, "--weights", "int8", "--out", small).ok();
    try (ModelFile before = ModelFile.open(TinyModel.model());
        ModelFile after = ModelFile.open(model);
        ModelFile converted = ModelFile.open(small)) {
      String reach = "down.0.res.conv1.input_reach";
      assertFalse(before.has(reach));
      float[] measured = after.floats(reach);
      assertTrue(measured[0] > 0 && measured[1] > 0); // after SiLU below zero too
      assertArrayEquals(measured, converted.floats(reach));
      String weight = "down.0.res.conv1.weight";
      assertArrayEquals(before.floats(weight), after.floats(weight));
    }
    Path again = folder.resolve("again.safetensors");
    calibrate(small, again).ok();
    try (ModelFile one = ModelFile.open(small);
        ModelFile other = ModelFile.open(again)) {
      assertTrue(other.int8());
      assertArrayEquals(one.floats("up.0.res.conv1.weight"), other.floats("up.0.res.conv1.weight"));
    }
    onProcessorsWithIntegers();
    generate(again, "int8", "drawn").ok();
  }

  @Test
  void itDrawsWithTheGuidanceThatGenerateHas() {
    ModelConfig config = ModelConfig.load("tiny");
    SamplingSettings settings = ModelCalibrateCommand.settings(config);
    assertEquals(new GuidanceOptions().parallel(), settings.times().parallel());
    assertTrue(settings.times().constant());
  }

  @Test
  void oneSentenceWhereItCannotBeComputedAndNothingIsWritten() throws IOException {
    String best = Devices.level();
    generate(model, "int8", "none", "--device", "cuda")
        .refused("int8 is computed on the CPU alone");
    try {
      Devices.setLevel("avx2");
      generate(model, "int8", "none")
          .refused(
              "int8 needs a processor with AVX-512 BF16, and the level of this machine is avx2");
    } finally {
      Devices.setLevel(best);
    }
    Cli.run("train", "autoencoder", "--type", "int8", "--faces", "f", "--out", folder.resolve("t"))
        .misused("--type int8 is for drawing: a training computes in f32, bf16 or auto");
    Cli.run("profile", "--type", "int8", "--training")
        .misused("--type int8 is for drawing with a U-Net: give f32 or bf16");
    for (String config : List.of("dit112", "ar112")) {
      Cli.run("plan", "--sampling", "--config", config, "--type", "int8")
          .refused("has a transformer");
    }
    generate(model, "auto", "none", "--shard", "1/2")
        .misused("--shard 1/2 needs --type f32, bf16 or int8, the same for all parts");
    Cli.run("profile", "--type", "int4").misused("give f32 or bf16 or int8");
    Cli.run("bench", "add", "--type", "int8")
        .misused("'int8' is no type of activations: give f32 or bf16");
    onProcessorsWithIntegers();
    generate(TinyModel.model(), "int8", "none")
        .refused(TinyModel.model() + " does not say", "`fizzy model calibrate` writes a model");
    Cli.run("profile", "--config", "dit112", "--type", "int8").refused("has a transformer");
    assertFalse(Files.exists(folder.resolve("none")));
    assertFalse(Files.exists(folder.resolve("t")));
  }
}
