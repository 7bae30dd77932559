package dev.fizzy.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A generated data set with figures of its quality, from a stored result of {@code evaluate
 * separability} or {@code quality}.
 *
 * @param judge name of the embedder
 * @param figures by the names of the result
 * @param real the same figures of real faces, where the result has them
 */
record EvaluatedSet(
    GeneratedSet set, String judge, Map<String, Double> figures, Map<String, Double> real) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SEPARABILITY =
      List.of("eer", "adherence_mean", "intra_identity_variation");
  private static final List<String> QUALITY = List.of("frechet", "recall");
  private static final String SHARPNESS = "sharpness_ratio";

  /** The set with the figures of a result that judges it, once for each embedder. */
  static List<EvaluatedSet> of(StoredResult stored, GeneratedSet set) {
    JsonNode result = JSON.valueToTree(stored.result());
    List<EvaluatedSet> all = new ArrayList<>();
    switch (stored.kind()) {
      case "separability" -> {
        Map<String, Double> real = figures(result.path("real"), SEPARABILITY, "");
        all.add(of(set, result, figures(result, SEPARABILITY, ""), real));
      }
      case "quality" -> {
        for (JsonNode judge : result.path("embedders")) {
          Map<String, Double> figures = figures(judge, QUALITY, "");
          figures.putAll(figures(result.path("pixels"), List.of(SHARPNESS), ""));
          Map<String, Double> real = figures(judge, List.of("recall"), "real_");
          if (judge.path("frechet_floor").isNumber()) {
            real.put("frechet", judge.get("frechet_floor").asDouble());
          }
          all.add(of(set, judge, figures, real));
        }
      }
      default -> {}
    }
    return all;
  }

  private static EvaluatedSet of(
      GeneratedSet set, JsonNode judge, Map<String, Double> figures, Map<String, Double> real) {
    return new EvaluatedSet(set, judge.path("embedder").asText(), figures, real);
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
