package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.protocol.TemplateLists;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * 1:1 verification of templates (IJB-B, Whitelam et al. 2017; IJB-C, Maze et al. 2018): a template
 * is the sum over its media of the mean of their images' vectors, each weighted by the detector's
 * score, and normalized; a pair's score is the cosine.
 *
 * @param skipped number of pairs with a template that has no usable image
 */
public record TemplateVerification(
    ScoreStatistics scores, int templates, int images, int pairs, int skipped) {
  private static final String[] RATES = {"1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1"};

  /**
   * @param faces unit vectors with the image names of the lists; missing images are skipped
   */
  public static TemplateVerification of(TemplateLists lists, Contexts faces) {
    int[] vectors = lists.images().stream().mapToInt(faces::indexOf).toArray();
    float[][] templates = templates(lists, vectors, faces);
    int genuine = 0;
    int impostor = 0;
    float[] one = new float[lists.same().length];
    float[] two = new float[lists.same().length];
    for (int i = 0; i < one.length; i++) {
      float[] a = templates[lists.first()[i]];
      float[] b = templates[lists.second()[i]];
      if (a == null || b == null) {
        continue;
      }
      float cosine = Cosine.of(a, b);
      if (lists.same()[i]) {
        one[genuine++] = cosine;
      } else {
        two[impostor++] = cosine;
      }
    }
    return new TemplateVerification(
        new ScoreStatistics(Arrays.copyOf(one, genuine), Arrays.copyOf(two, impostor)),
        lists.templateCount(),
        (int) Arrays.stream(vectors).filter(v -> v >= 0).count(),
        genuine + impostor,
        one.length - genuine - impostor);
  }

  private static float[][] templates(TemplateLists lists, int[] vectors, Contexts faces) {
    int[] order =
        IntStream.range(0, vectors.length)
            .filter(i -> vectors[i] >= 0)
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> lists.templates()[i])
                    .thenComparingInt(i -> lists.media()[i]))
            .mapToInt(i -> i)
            .toArray();
    float[][] templates = new float[lists.templateCount()][];
    for (int i = 0; i < order.length; ) {
      int template = lists.templates()[order[i]];
      int medium = lists.media()[order[i]];
      int begin = i;
      float[] sum = null;
      for (;
          i < order.length
              && lists.templates()[order[i]] == template
              && lists.media()[order[i]] == medium;
          i++) {
        float[] vector = faces.vector(vectors[order[i]]);
        sum = sum == null ? new float[vector.length] : sum;
        add(sum, vector, lists.weights()[order[i]]);
      }
      if (templates[template] == null) {
        templates[template] = new float[sum.length];
      }
      add(templates[template], sum, 1f / (i - begin));
    }
    for (int t = 0; t < templates.length; t++) {
      templates[t] = templates[t] == null ? null : unit(templates[t]);
    }
    return templates;
  }

  private static void add(float[] sum, float[] vector, float weight) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] += weight * vector[k];
    }
  }

  /** The unit vector; null if the length is 0. */
  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float v : vector) {
      squares += (double) v * v;
    }
    if (!(squares > 0)) {
      return null;
    }
    for (int k = 0; k < vector.length; k++) {
      vector[k] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  /**
   * Share of genuine pairs accepted, at the false match rates that this number of impostor pairs
   * can resolve.
   */
  public Map<String, Double> acceptance() {
    Map<String, Double> rates = scores.acceptance(RATES);
    if (rates.isEmpty()) {
      throw new EngineException(
          scores.impostorPairs() + " impostor pairs are too few for a false match rate");
    }
    return rates;
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = scores.fields();
    Map<String, Double> accepted = acceptance();
    fields.put("tar", accepted);
    fields.put("tar_thresholds", scores.thresholds(accepted.keySet()));
    fields.put("templates", templates);
    fields.put("images", images);
    fields.put("pairs", pairs);
    fields.put("pairs_skipped", skipped);
    fields.put("roc", scores.curve());
    return fields;
  }
}
