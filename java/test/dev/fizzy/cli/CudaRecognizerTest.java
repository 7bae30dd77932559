package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.cuda.OnCuda;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recognizer trained and validated through {@code --device cuda}, beside the CPU's. */
@OnCuda
class CudaRecognizerTest {
  private static final int STEPS = 3;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path data;
  private static Path config;

  @BeforeAll
  static void faces() throws IOException {
    data = People.write(shared.resolve("data"), 24, 3);
    config = People.network(shared.resolve("tiny.json"));
  }

  private List<JsonNode> metrics(String head, String type, String device, Object... more)
      throws IOException {
    Path out = folder.resolve(head + type + device);
    List<Object> args =
        new ArrayList<>(
            List.of("train", "recognizer", "--data", data, "--out", out, "--config", config));
    args.addAll(List.of("--batch", 6, "--steps", STEPS, "--lr", .02, "--scale", 8));
    args.addAll(List.of("--validation", 20, "--validate-every", STEPS, "--augment", "1,8"));
    args.addAll(List.of("--head", head, "--type", type, "--device", device));
    args.addAll(List.of(more));
    Cli.run(args.toArray()).ok();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  /** f32 differs by the order of sums alone; bf16 rounds them at other places. */
  @ParameterizedTest
  @CsvSource({
    "cosface, f32, 1e-3",
    "elasticface, f32, 1e-3",
    "adaface, f32, 1e-3",
    "cosface, bf16, 5e-2"
  })
  void trainsAsTheCpuDoes(String head, String type, double tolerance) throws IOException {
    List<JsonNode> cpu = metrics(head, type, "cpu");
    List<JsonNode> cuda = metrics(head, type, "cuda");
    assertEquals(STEPS, cuda.size());
    for (int i = 0; i < STEPS; i++) {
      for (String name : List.of("loss", "gradient_norm")) {
        double wanted = cpu.get(i).get(name).asDouble();
        double is = cuda.get(i).get(name).asDouble();
        assertEquals(wanted, is, tolerance * wanted, name + " of step " + (i + 1));
      }
    }
    double judged = cuda.get(STEPS - 1).get("validation_accuracy").asDouble();
    assertEquals(cpu.get(STEPS - 1).get("validation_accuracy").asDouble(), judged, .05);
  }

  private float[] run(Path model, Path input, String device) throws IOException {
    Path out = folder.resolve(device + ".npz");
    Object[] args = {
      "model", "run", "--model", model, "--input", input, "--out", out, "--device", device
    };
    Cli.run(args).ok();
    try (TensorFile file = TensorFile.open(out)) {
      return file.tensor("y").floats();
    }
  }

  /** Batch norms folded into the weights around them. */
  @Test
  void givesTheCpusVectors() throws IOException {
    metrics("arcface", "f32", "cpu", "--checkpoint-every", 1);
    float[] faces = new float[2 * 3 * People.SIZE * People.SIZE];
    for (int i = 0; i < faces.length; i++) {
      faces[i] = (float) Math.sin(i * .37);
    }
    Path input = folder.resolve("in.npz");
    int[] shape = {2, 3, People.SIZE, People.SIZE};
    Npy.writeArchive(input, Map.of("x", new Npy(shape, faces)));
    Path model = folder.resolve("arcfacef32cpu").resolve("last.safetensors");
    assertArrayEquals(run(model, input, "cpu"), run(model, input, "cuda"), 1e-4f);
  }
}
