package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.identity.Contexts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well the identities of a data set can be told apart: all genuine pairs, impostor pairs drawn
 * by a seed, and what an image has of the context it was made from.
 *
 * @param identities with at least one image
 * @param adherence mean cosine of an image and its context; not a number without contexts
 * @param variation mean over the identities of 1 - the mean cosine of their pairs
 * @param verification 10-fold accuracy on equally many genuine and impostor pairs
 */
public record Separability(
    ScoreStatistics scores,
    int identities,
    int images,
    double adherence,
    double adherenceDeviation,
    double variation,
    FoldedAccuracy verification) {
  private static final int FOLDS = 10;
  private static final int PAIRS_A_FOLD = 600;

  /**
   * @param faces named identity/image
   * @param contexts named as the identities, of the same width; or null
   * @param impostors how many impostor pairs to draw
   */
  public static Separability of(Contexts faces, Contexts contexts, int impostors, long seed) {
    Map<String, List<Integer>> byIdentity = identities(faces);
    int[] owner = new int[faces.size()];
    int number = 0;
    int pairs = 0;
    for (List<Integer> images : byIdentity.values()) {
      for (int image : images) {
        owner[image] = number;
      }
      number++;
      pairs = Math.addExact(pairs, Math.multiplyExact(images.size(), images.size() - 1) / 2);
    }
    if (number < 2 || pairs == 0) {
      throw new EngineException(
          "there are "
              + number
              + " identities with "
              + pairs
              + " pairs of images; two identities and one pair at least are needed");
    }
    float[] genuine = new float[pairs];
    double variation = 0;
    int varied = 0;
    int at = 0;
    for (List<Integer> images : byIdentity.values()) {
      int from = at;
      double sum = 0;
      for (int i = 0; i < images.size(); i++) {
        for (int j = i + 1; j < images.size(); j++) {
          genuine[at] = Cosine.of(faces.vector(images.get(i)), faces.vector(images.get(j)));
          sum += genuine[at++];
        }
      }
      if (at > from) {
        variation += 1 - sum / (at - from);
        varied++;
      }
    }
    float[] impostor = new float[impostors];
    Philox random = new Philox(seed, Philox.Purpose.IMPOSTORS, 0);
    for (int k = 0; k < impostors; k++) {
      int i;
      int j;
      do {
        i = random.nextInt(owner.length);
        j = random.nextInt(owner.length);
      } while (owner[i] == owner[j]);
      impostor[k] = Cosine.of(faces.vector(i), faces.vector(j));
    }
    double[] adherence =
        contexts == null ? new double[] {Double.NaN, Double.NaN} : adherence(faces, contexts);
    return new Separability(
        new ScoreStatistics(genuine, impostor),
        number,
        faces.size(),
        adherence[0],
        adherence[1],
        variation / varied,
        folded(genuine, impostor, seed));
  }

  private static Map<String, List<Integer>> identities(Contexts faces) {
    Map<String, List<Integer>> byIdentity = new LinkedHashMap<>();
    for (int i = 0; i < faces.size(); i++) {
      String identity = identity(faces.name(i));
      if (identity == null) {
        throw new EngineException(
            "the image " + faces.name(i) + " is in no identity's folder: identity/image is wanted");
      }
      byIdentity.computeIfAbsent(identity, k -> new ArrayList<>()).add(i);
    }
    return byIdentity;
  }

  /** The folder of an image's name, or null. */
  static String identity(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? null : name.substring(0, slash);
  }

  private static double[] adherence(Contexts faces, Contexts contexts) {
    if (contexts.width() != faces.width()) {
      throw new EngineException(
          "the contexts have width "
              + contexts.width()
              + " and the embedder's vectors "
              + faces.width());
    }
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < faces.size(); i++) {
      String identity = identity(faces.name(i));
      int context = contexts.indexOf(identity);
      if (context < 0) {
        throw new EngineException("no context is named " + identity + ", as an identity is");
      }
      double cosine = Cosine.of(faces.vector(i), unit(contexts.vector(context)));
      sum += cosine;
      squares += cosine * cosine;
    }
    double mean = sum / faces.size();
    return new double[] {mean, Math.sqrt(Math.max(0, squares / faces.size() - mean * mean))};
  }

  private static float[] unit(float[] v) {
    double norm = Math.sqrt(Cosine.of(v, v));
    float[] u = new float[v.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = (float) (v[i] / norm);
    }
    return u;
  }

  /** Pairs drawn from both kinds of scores, half of each fold genuine, as benchmarks have it. */
  private static FoldedAccuracy folded(float[] genuine, float[] impostor, long seed) {
    Philox random = new Philox(seed, Philox.Purpose.IMPOSTORS, 1);
    int n = FOLDS * PAIRS_A_FOLD;
    float[] cosines = new float[n];
    boolean[] same = new boolean[n];
    int[] fold = new int[n];
    for (int k = 0; k < n; k++) {
      same[k] = k % 2 == 0;
      float[] from = same[k] ? genuine : impostor;
      cosines[k] = from[random.nextInt(from.length)];
      fold[k] = k / PAIRS_A_FOLD;
    }
    return FoldedAccuracy.of(cosines, same, fold, FOLDS);
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("identities", identities);
    fields.put("images", images);
    fields.putAll(scores.fields());
    if (!Double.isNaN(adherence)) {
      fields.put("adherence_mean", adherence);
      fields.put("adherence_deviation", adherenceDeviation);
    }
    fields.put("intra_identity_variation", variation);
    fields.put("verification_accuracy", verification.accuracy());
    fields.put("verification_deviation", verification.deviation());
    return fields;
  }
}
