package dev.fizzy.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a generated data set was drawn, and what an image of it cost.
 *
 * @param name of its folder
 * @param drawn all that determines how its images are drawn, except the number of steps: sets with
 *     the same value belong to one curve
 * @param evaluations of the network for an image
 * @param imagesPerSecond of the run that generated it
 */
record GeneratedSet(
    String name,
    String sampler,
    String drawn,
    int steps,
    double evaluations,
    double imagesPerSecond) {
  private static final long LIMIT = 64 << 20;

  /**
   * Reads the manifests of a set; empty where they are gone, are those of a part, or were written
   * without a sampler or before the number of evaluations was kept.
   */
  static Optional<GeneratedSet> read(String name, Path folder) {
    Path manifest = folder.resolve("manifest.json");
    Path made = folder.resolve("manifest-made.json");
    if (!Files.isRegularFile(manifest) || !Files.isRegularFile(made)) {
      return Optional.empty();
    }
    JsonNode run = Json.read(manifest, LIMIT);
    JsonNode generated = Json.read(made, LIMIT).path("result");
    if (!run.path("sampler").isTextual() || !generated.path("evaluations").isNumber()) {
      return Optional.empty();
    }
    String sampler = run.get("sampler").asText();
    return Optional.of(
        new GeneratedSet(
            name,
            sampler,
            String.join(
                " ",
                run.path("model").asText(),
                sampler,
                run.path("guidance").asText(),
                run.path("settings").toString()),
            run.path("steps").asInt(),
            generated.get("evaluations").asDouble(),
            generated.path("images_per_second").asDouble()));
  }
}
