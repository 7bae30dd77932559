package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bf16 data set has the same checksums with any number of threads, at any batch. */
class DatasetBitsTest {
  private static final int IDENTITIES = 2;

  @TempDir Path folder;

  @Test
  void ofTheModelThatShips() throws IOException {
    Map<String, String> expected = checksums(1, 8, 3, 4, "--guidance", 2);
    assertEquals(IDENTITIES * 3, expected.size());
    assertEquals(expected, checksums(2, 8, 3, 4, "--guidance", 2));
    assertEquals(expected, checksums(3, 8, 3, 4, "--guidance", 2));
    assertEquals(expected, checksums(2, 1, 3, 4, "--guidance", 2));
    assertEquals(expected, checksums(3, 4, 3, 4, "--guidance", 2));
  }

  @Test
  void atPublishedWidth() throws IOException {
    Path model = publishedWidth();
    Map<String, String> expected = checksums(1, 2, 1, 1, "--model", model);
    assertEquals(IDENTITIES, expected.size());
    assertEquals(expected, checksums(2, 1, 1, 1, "--model", model));
    assertEquals(expected, checksums(3, 3, 1, 1, "--model", model));
  }

  private Map<String, String> checksums(
      int threads, int batch, int images, int steps, Object... more) throws IOException {
    Path contexts = folder.resolve("contexts.npy");
    UniformContexts.of(IDENTITIES, 512, 3).write(contexts);
    Path out = folder.resolve("faces-" + threads + "-" + batch);
    List<Object> command = new ArrayList<>(List.of("generate", "--contexts", contexts));
    command.addAll(List.of("--out", out, "--type", "bf16", "--threads", threads));
    command.addAll(List.of("--batch", batch, "--images", images, "--steps", steps));
    command.addAll(List.of(more));
    Cli.run(command.toArray()).ok();
    Map<String, String> checksums = new TreeMap<>();
    try (var files = Files.newDirectoryStream(out, "*.jsonl")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          JsonNode image = new ObjectMapper().readTree(line);
          checksums.put(image.get("path").asText(), image.get("sha256").asText());
        }
      }
    }
    return checksums;
  }

  /**
   * The published networks with one block a level, which are the same shapes, and random weights.
   */
  private Path publishedWidth() {
    String json = ModelConfig.load("idiff-face").toJson();
    ModelConfig config = ModelConfig.parse(json.replaceAll("(\"blocks\"\\s*:\\s*)2", "$11"));
    Path file = folder.resolve("published.safetensors");
    try (Device device = new CpuDevice();
        Parameters unet = parameters(device, config, Recorded.Network.UNET);
        Parameters autoencoder = parameters(device, config, Recorded.Network.AUTOENCODER)) {
      List<ModelFile.Source> sources =
          List.of(
              new ModelFile.Source(autoencoder, Region.VALUES),
              new ModelFile.Source(unet, Region.VALUES));
      ModelFile.write(file, config, Safetensors.Type.BF16, Map.of(), sources, Map.of());
    }
    return file;
  }

  private static Parameters parameters(
      Device device, ModelConfig config, Recorded.Network network) {
    List<Parameter> shapes =
        Recorded.graph(config, network, 1, DType.F32, false).parameters().stream()
            .map(DatasetBitsTest::notZero)
            .toList();
    Parameters parameters = new Parameters(device, shapes, Region.VALUES);
    parameters.initialize(network.ordinal());
    return parameters;
  }

  /** Convolutions that start at zero would hide what is before them. */
  private static Parameter notZero(Parameter p) {
    boolean zero = p.init().equals(Parameter.Init.ZEROS) && p.shape().length == 4;
    Parameter.Init init = zero ? Parameter.Init.normal(.02) : p.init();
    return new Parameter(p.name(), p.shape(), p.pieces(), init, p.trained());
  }
}
