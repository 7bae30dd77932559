package dev.fizzy.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.weights.AtomicFile;
import dev.fizzy.weights.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Everything that decides what a data set's images look like: {@code manifest.json}. Shard, threads
 * and batch are not among it.
 *
 * @param model SHA-256 of the model
 * @param contexts SHA-256 of the contexts, see {@link dev.fizzy.identity.Contexts#sha256}
 * @param imageSize side in pixels
 * @param imageFormat see {@link ImageWriter#name}
 * @param settings what else a sampler or a model is told
 */
public record DatasetRun(
    long seed,
    String model,
    String contexts,
    String sampler,
    int steps,
    double guidance,
    int identities,
    int imagesPerIdentity,
    int imageSize,
    String imageFormat,
    Map<String, String> settings) {
  /** Of manifest.json and the lines of the manifests. */
  public static final int FORMAT = 1;

  static final String FILE = "manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  public long images() {
    return (long) identities * imagesPerIdentity;
  }

  private ObjectNode json() {
    ObjectNode node = JSON.createObjectNode().put("format", FORMAT).put("origin", "synthetic");
    node.setAll((ObjectNode) JSON.valueToTree(this));
    return node;
  }

  /** Writes manifest.json, or compares the one that is there and refuses another run's. */
  void claim(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      AtomicFile.write(file, (json().toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    try {
      compare(JSON.readTree(file.toFile()), JSON.readTree(json().toString()), file);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private static void compare(JsonNode there, JsonNode wanted, Path file) {
    for (var field : wanted.properties()) {
      JsonNode other = there.path(field.getKey());
      if (!other.equals(field.getValue())) {
        throw new FileException(
            file.getParent()
                + " is the output folder of another run: its "
                + field.getKey()
                + " is "
                + (other.isMissingNode() ? "missing" : other)
                + ", this run's is "
                + field.getValue());
      }
    }
  }
}
