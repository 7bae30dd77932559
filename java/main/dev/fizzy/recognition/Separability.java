package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
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
  /** Scores are sorted in memory, 4 bytes each. */
  private static final long MAX_PAIRS = 1L << 28;

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
    Identities identities = Identities.of(faces.names());
    check(identities);
    UnitRows rows = new UnitRows(faces);
    Adherence adherence =
        contexts == null ? null : Adherence.of(rows, identities, new UnitRows(contexts));
    float[] genuine = new float[(int) identities.genuinePairs()];
    double[] consistency = genuine(rows, identities, genuine, done);
    int count = impostorCount(identities, impostors);
    float[] impostor = impostors(rows, identities, count, seed, genuine.length, done);
    FoldedPairs pairs = FoldedPairs.of(identities, seed);
    return new Separability(
        new ScoreStatistics(genuine, impostor),
        identities.count(),
        identities.single(),
        faces.size(),
        adherence,
        1 - Arrays.stream(consistency).filter(c -> !Double.isNaN(c)).average().orElse(Double.NaN),
        LooseIdentity.worst(rows, faces.names(), identities, consistency),
        pairs == null ? null : folded(rows, pairs),
        pairs == null ? 0 : pairs.first().length);
  }

  /** Number of pairs that {@link #of} will compare. */
  public static long work(Contexts faces, int impostors) {
    Identities identities = Identities.of(faces.names());
    return identities.genuinePairs() + impostorCount(identities, impostors);
  }

  private static void check(Identities identities) {
    long pairs = identities.genuinePairs();
    if (identities.count() < 2 || pairs == 0) {
      throw new EngineException(
          "there are "
              + identities.count()
              + " identities with "
              + pairs
              + " pairs of images; at least two identities and one pair are needed");
    }
    if (pairs > MAX_PAIRS) {
      throw new EngineException(
          "there are "
              + pairs
              + " genuine pairs, more than the "
              + MAX_PAIRS
              + " that fit in memory; measure a part of the images");
    }
  }

  /** Computes every genuine score; gives the mean of each identity's, NaN for a single image. */
  private static double[] genuine(
      UnitRows rows, Identities identities, float[] scores, LongConsumer done) {
    double[] means = new double[identities.count()];
    int at = 0;
    for (int identity = 0; identity < identities.count(); identity++) {
      int[] images = identities.images(identity);
      int from = at;
      double sum = 0;
      for (int i = 0; i < images.length; i++) {
        for (int j = i + 1; j < images.length; j++) {
          scores[at] = rows.cosine(images[i], images[j]);
          sum += scores[at++];
        }
      }
      means[identity] = sum / (at - from);
      done.accept(at);
    }
    return means;
  }

  private static float[] impostors(
      UnitRows rows, Identities identities, int count, long seed, long before, LongConsumer done) {
    long[] pairs = ImpostorPairs.drawn(identities, count, seed);
    float[] scores = new float[count];
    for (int k = 0; k < count; k++) {
      int i = (int) (pairs[k] / identities.imageCount());
      int j = (int) (pairs[k] % identities.imageCount());
      scores[k] = rows.cosine(i, j);
      if ((k & 0xfff) == 0xfff || k == count - 1) {
        done.accept(before + k + 1);
      }
    }
    return scores;
  }

  /** As many as are wanted, or all there are. */
  private static int impostorCount(Identities identities, int wanted) {
    long count = Math.min(wanted, ImpostorPairs.all(identities));
    if (count > MAX_PAIRS) {
      throw new EngineException(
          count + " impostor pairs are more than the " + MAX_PAIRS + " that fit in memory");
    }
    return (int) count;
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
