package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.RunFile;
import java.util.Map;

/**
 * Everything that determines the images of a data set, stored in {@code manifest.json}. Shard,
 * threads and batch size do not affect images.
 *
 * @param model SHA-256 of the model
 * @param contexts SHA-256 of the contexts, see {@link dev.fizzy.identity.Contexts#sha256}
 * @param imageSize side in pixels
 * @param imageFormat see {@link ImageWriter#name}
 * @param settings further settings of sampler and model
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
    Map<String, ?> settings) {
  /** Version of manifest.json and of the manifest lines. */
  public static final int FORMAT = 1;

  /** The day of the last change that gave images other bits, also by rounding alone. */
  private static final String BITS_SINCE = "2026-11-30";

  private static final ObjectMapper JSON = new ObjectMapper();

  public long images() {
    return (long) identities * imagesPerIdentity;
  }

  /** The content of manifest.json for a set that is written in parts. */
  public ObjectNode json(DatasetFormat format, int parts) {
    ObjectNode run = json();
    format.describe(run, new Shard(1, parts));
    return run.put(OutputFolder.PARTS, parts);
  }

  /** The content of manifest.json. */
  ObjectNode json() {
    ObjectNode node =
        JSON.createObjectNode()
            .put("format", FORMAT)
            .put(RunFile.BITS_SINCE, BITS_SINCE)
            .put("origin", "synthetic");
    node.setAll((ObjectNode) JSON.valueToTree(this));
    return node;
  }
}
