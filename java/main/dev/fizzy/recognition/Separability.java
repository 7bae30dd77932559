package dev.fizzy.recognition;

import dev.fizzy.identity.Contexts;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * How well the identities of a data set are separated: all genuine pairs, distinct impostor pairs
 * drawn by a seed, and the adherence of the images to their contexts.
 *
 * @param identities number of identities with at least one image
 * @param single number of identities with a single image, which have no genuine pair
 * @param adherence of the images to their contexts; null without contexts
 * @param variation mean over the identities of 1 - the mean cosine of their pairs
 * @param worst the identities whose images are least alike, the worst first
 * @param verification accuracy on {@link FoldedPairs}; null if there are too few identities
 * @param verificationPairs number of pairs of the verification
 */
public record Separability(
    ScoreStatistics scores,
    int identities,
    int single,
    int images,
    Adherence adherence,
    double variation,
    List<LooseIdentity> worst,
    FoldedAccuracy verification,
    int verificationPairs) {
  /** Number of identities with two images that verification needs. */
  public static final int IDENTITIES_FOR_VERIFICATION = FoldedPairs.IDENTITIES_NEEDED;

  /**
   * @param faces named identity/image; need not be unit vectors
   * @param contexts named as the identities, of the same width; or null
   * @param impostors number of impostor pairs to draw; all, where there are fewer
   * @param done is told the number of pairs done, of {@link #work} in all
   */
  public static Separability of(
      Contexts faces, Contexts contexts, int impostors, long seed, LongConsumer done) {
    PairScores pairs = new PairScores(faces, impostors, seed);
    return of(pairs, pairs.of(0, pairs.count(), done), contexts);
  }

  /**
   * @param scores all of {@code pairs}
   */
  public static Separability of(PairScores pairs, float[] scores, Contexts contexts) {
    Identities identities = pairs.identities();
    UnitRows rows = pairs.rows();
    Adherence adherence =
        contexts == null ? null : Adherence.of(rows, identities, new UnitRows(contexts));
    float[] genuine = Arrays.copyOf(scores, (int) identities.genuinePairs());
    float[] impostor = Arrays.copyOfRange(scores, genuine.length, scores.length);
    double[] consistency = means(identities, genuine);
    FoldedPairs folds = FoldedPairs.of(identities, pairs.seed());
    return new Separability(
        new ScoreStatistics(genuine, impostor),
        identities.count(),
        identities.single(),
        identities.imageCount(),
        adherence,
        1 - Arrays.stream(consistency).filter(c -> !Double.isNaN(c)).average().orElse(Double.NaN),
        LooseIdentity.worst(rows, rows.contexts().names(), identities, consistency),
        folds == null ? null : folded(rows, folds),
        folds == null ? 0 : folds.first().length);
  }

  /** Number of pairs that {@link #of} will compare. */
  public static long work(Contexts faces, int impostors) {
    Identities identities = Identities.of(faces.names());
    return identities.genuinePairs() + PairScores.impostors(identities, impostors);
  }

  /** The mean of each identity's genuine scores, NaN for a single image. */
  private static double[] means(Identities identities, float[] scores) {
    double[] means = new double[identities.count()];
    int at = 0;
    for (int identity = 0; identity < means.length; identity++) {
      int pairs = identities.size(identity) * (identities.size(identity) - 1) / 2;
      double sum = 0;
      for (int end = at + pairs; at < end; at++) {
        sum += scores[at];
      }
      means[identity] = sum / pairs;
    }
    return means;
  }

  private static FoldedAccuracy folded(UnitRows rows, FoldedPairs pairs) {
    float[] cosines = new float[pairs.first().length];
    for (int k = 0; k < cosines.length; k++) {
      cosines[k] = rows.cosine(pairs.first()[k], pairs.second()[k]);
    }
    return FoldedAccuracy.of(cosines, pairs.same(), pairs.fold(), FoldedPairs.FOLDS);
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("identities", identities);
    fields.put("identities_with_one_image", single);
    fields.put("images", images);
    fields.putAll(scores.fields());
    fields.put("roc", scores.curve());
    if (adherence != null) {
      fields.put("adherence_mean", adherence.mean());
      fields.put("adherence_deviation", adherence.deviation());
      fields.put("adherence_histogram", adherence.histogram());
      fields.put("contexts_without_images", adherence.unused());
    }
    fields.put("intra_identity_variation", variation);
    fields.put("worst", worst);
    if (verification != null) {
      fields.put("verification_accuracy", verification.accuracy());
      fields.put("verification_deviation", verification.deviation());
      fields.put("verification_folds", verification.byFold());
      fields.put("verification_pairs", verificationPairs);
    }
    return fields;
  }
}
