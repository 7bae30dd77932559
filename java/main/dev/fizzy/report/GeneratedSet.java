package dev.fizzy.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import dev.fizzy.file.RunFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a generated data set was drawn, and what an image of it cost.
 *
 * @param name of its folder
 * @param drawn all that determines how its images are drawn, except the number of steps: sets with
 *     the same value belong to one curve
 * @param evaluations of the network for an image
 * @param imagesPerSecond of the run that generated it, or on average of those of its parts
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
   * What a run leaves beside its images; the suffix is {@link
   * dev.fizzy.dataset.write.Shard#suffix}.
   */
  private static final Pattern MADE = Pattern.compile("manifest-made(-\\d+-of-\\d+)?\\.json");

  /**
   * Reads the manifests of a set, of which each part has one that tells its cost; empty where they
   * are gone or were written without a sampler or before the number of evaluations was kept.
   */
  static Optional<GeneratedSet> read(String name, Path folder) {
    Path manifest = folder.resolve("manifest.json");
    if (!Files.isRegularFile(manifest)) {
      return Optional.empty();
    }
    JsonNode run = Json.read(manifest, LIMIT);
    List<JsonNode> parts = parts(folder);
    if (!run.path("sampler").isTextual() || parts.isEmpty()) {
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
                run.path(RunFile.BITS_SINCE).asText(),
                sampler,
                run.path("guidance").asText(),
                settings(run)),
            run.path("steps").asInt(),
            parts.get(0).get("evaluations").asDouble(),
            parts.stream()
                .mapToDouble(part -> part.path("images_per_second").asDouble())
                .average()
                .orElseThrow()));
  }

  /** The settings, in whatever order the version wrote them that drew the set. */
  private static String settings(JsonNode run) {
    return run.path("settings").properties().stream().map(Object::toString).sorted().toList() + "";
  }

  /** The results of the runs that generated the parts of a set. */
  private static List<JsonNode> parts(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> MADE.matcher(file.getFileName().toString()).matches())
          .sorted()
          .map(file -> Json.read(file, LIMIT).path("result"))
          .filter(part -> part.path("evaluations").isNumber())
          .toList();
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }
}
