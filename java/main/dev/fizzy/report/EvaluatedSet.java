package dev.fizzy.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A generated data set with figures of its quality, from a stored result of {@code evaluate
 * separability} or {@code quality} and the manifests of the set.
 *
 * @param set name of its folder
 * @param drawn all that determines how its images are drawn, except the number of steps: sets with
 *     the same value belong to one curve
 * @param evaluations of the network for an image
 * @param imagesPerSecond of the run that generated it
 * @param judge name of the embedder
 * @param figures by the names of the result
 * @param real the same figures of real faces, where the result has them
 */
record EvaluatedSet(
    String set,
    String sampler,
    String drawn,
    int steps,
    int evaluations,
    double imagesPerSecond,
    String judge,
    Map<String, Double> figures,
    Map<String, Double> real) {
  private static final long LIMIT = 64 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SEPARABILITY =
      List.of("eer", "adherence_mean", "intra_identity_variation");
  private static final List<String> QUALITY = List.of("frechet", "recall");
  private static final String SHARPNESS = "sharpness_ratio";

  /**
   * The set that a result judges, once for each embedder; none where its files are gone, or were
   * written without a sampler or before the number of evaluations was kept.
   *
   * @param base the folder that the command ran in
   */
  static List<EvaluatedSet> of(StoredResult stored, Path base) {
    if (!(stored.result().get("data") instanceof String data)) {
      return List.of();
    }
    Path set = base.resolve(data).normalize();
    Path manifest = set.resolve("manifest.json");
    Path made = set.resolve("manifest-made.json");
    if (!Files.isRegularFile(manifest) || !Files.isRegularFile(made)) {
      return List.of();
    }
    JsonNode run = Json.read(manifest, LIMIT);
    JsonNode generated = Json.read(made, LIMIT).path("result");
    if (!run.path("sampler").isTextual() || !generated.path("evaluations").isInt()) {
      return List.of();
    }
    JsonNode result = JSON.valueToTree(stored.result());
    List<EvaluatedSet> all = new ArrayList<>();
    switch (stored.kind()) {
      case "separability" -> {
        Map<String, Double> real = figures(result.path("real"), SEPARABILITY, "");
        all.add(of(set, run, generated, result, figures(result, SEPARABILITY, ""), real));
      }
      case "quality" -> {
        for (JsonNode judge : result.path("embedders")) {
          Map<String, Double> figures = figures(judge, QUALITY, "");
          figures.putAll(figures(result.path("pixels"), List.of(SHARPNESS), ""));
          Map<String, Double> real = figures(judge, List.of("recall"), "real_");
          if (judge.path("frechet_floor").isNumber()) {
            real.put("frechet", judge.get("frechet_floor").asDouble());
          }
          all.add(of(set, run, generated, judge, figures, real));
        }
      }
      default -> {}
    }
    return all;
  }

  private static EvaluatedSet of(
      Path set,
      JsonNode run,
      JsonNode generated,
      JsonNode judge,
      Map<String, Double> figures,
      Map<String, Double> real) {
    String sampler = run.get("sampler").asText();
    return new EvaluatedSet(
        set.getFileName().toString(),
        sampler,
        String.join(
            " ",
            run.path("model").asText(),
            sampler,
            run.path("guidance").asText(),
            run.path("settings").toString()),
        run.path("steps").asInt(),
        generated.get("evaluations").asInt(),
        generated.path("images_per_second").asDouble(),
        judge.path("embedder").asText(),
        figures,
        real);
  }

  /** The numbers among some fields. */
  private static Map<String, Double> figures(JsonNode node, List<String> names, String prefix) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (String name : names) {
      if (node.path(prefix + name).isNumber()) {
        figures.put(name, node.get(prefix + name).asDouble());
      }
    }
    return figures;
  }
}
