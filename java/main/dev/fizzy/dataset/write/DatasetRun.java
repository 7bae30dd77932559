package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  private static final ObjectMapper JSON = new ObjectMapper();

  public long images() {
    return (long) identities * imagesPerIdentity;
  }

  /** What manifest.json says. */
  ObjectNode json() {
    ObjectNode node = JSON.createObjectNode().put("format", FORMAT).put("origin", "synthetic");
    node.setAll((ObjectNode) JSON.valueToTree(this));
    return node;
  }
}
