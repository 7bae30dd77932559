package dev.fizzy.recognition;

import dev.fizzy.file.FileException;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.LocalFeatures;
import java.util.Arrays;
import java.util.List;

/**
 * How unusual faces are in their set, place by place: the squared Mahalanobis distance of each
 * cell's features from those of all faces, averaged over the cells; 1 on average. After PaDiM
 * (Defard et al., ICPR 2021), which finds faults of products in the same way.
 */
public final class Oddness {
  /** Fewer faces do not tell how a cell's features vary. */
  private static final int LEAST = 3 * LocalFeatures.CHANNELS;

  private Oddness() {}

  /**
   * The oddness of each image; NaN for one without features.
   *
   * @param names of all images
   * @param features of {@link LocalFeatures}, by the images' names
   */
  public static double[] of(List<String> names, Contexts features) {
    if (features.size() < LEAST) {
      throw new FileException(
          "--typical compares the images of a set with each other and needs "
              + LEAST
              + ", not "
              + features.size());
    }
    double[] odd = new double[features.size()];
    for (int cell = 0; cell < LocalFeatures.CELLS; cell++) {
      float[][] values = cell(features, cell);
      ContextDistribution usual = ContextDistribution.fit(values);
      for (int i = 0; i < odd.length; i++) {
        odd[i] += usual.distance(values[i]) / LocalFeatures.CELLS;
      }
    }
    if (!Arrays.stream(odd).allMatch(Double::isFinite)) {
      throw new FileException(
          "--typical cannot compare these images: at some place of the face the features of all are"
              + " equal; give a set of different images");
    }
    return names.stream()
        .mapToInt(features::indexOf)
        .mapToDouble(i -> i < 0 ? Double.NaN : odd[i])
        .toArray();
  }

  private static float[][] cell(Contexts features, int cell) {
    int from = cell * LocalFeatures.CHANNELS;
    float[][] values = new float[features.size()][];
    Arrays.setAll(
        values, i -> Arrays.copyOfRange(features.vector(i), from, from + LocalFeatures.CHANNELS));
    return values;
  }
}
