package dev.fizzy.recognition.quality;

import dev.fizzy.engine.Device;
import dev.fizzy.identity.Cosines;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * How far a set's distribution and the real one cover each other. The region of a set is the union
 * of the balls around its vectors that reach to their k-th nearest neighbors.
 *
 * @param precision share of the set's vectors in the region of the real ones (Kynkaanniemi et al.,
 *     NeurIPS 2019)
 * @param recall share of the real vectors in the region of the set's
 * @param density mean number of real balls that contain a vector of the set, over k (Naeem et al.,
 *     ICML 2020); an outlier among the real vectors counts less than in precision
 * @param coverage share of the real balls that contain a vector of the set
 */
record Overlap(double precision, double recall, double density, double coverage) {

  /**
   * @param set unit vectors [N, W], N above k; as many should be real
   * @param real unit vectors [M, W]
   * @param done is told the number of vectors done, of 2 N + M
   */
  static Overlap of(Device device, float[][] set, float[][] real, int k, LongConsumer done) {
    float[] realRadius = radii(device, real, k, done);
    float[] setRadius = radii(device, set, k, n -> done.accept(real.length + n));
    boolean[] inReal = new boolean[set.length];
    boolean[] inSet = new boolean[real.length];
    boolean[] covered = new boolean[real.length];
    long[] contained = new long[1];
    Cosines.forEach(
        device,
        set,
        real,
        (i, cosines, at) -> {
          for (int j = 0; j < real.length; j++) {
            float cosine = cosines[at + j];
            if (cosine >= realRadius[j]) {
              inReal[i] = true;
              covered[j] = true;
              contained[0]++;
            }
            inSet[j] |= cosine >= setRadius[i];
          }
          done.accept(real.length + set.length + i + 1L);
        });
    return new Overlap(
        share(inReal), share(inSet), (double) contained[0] / k / set.length, share(covered));
  }

  /** The cosine of each vector to its k-th nearest neighbor. */
  private static float[] radii(Device device, float[][] set, int k, LongConsumer done) {
    float[] radii = new float[set.length];
    float[] nearest = new float[k]; // ascending
    Cosines.forEach(
        device,
        set,
        set,
        (i, cosines, at) -> {
          Arrays.fill(nearest, Float.NEGATIVE_INFINITY);
          for (int j = 0; j < set.length; j++) {
            if (j != i && cosines[at + j] > nearest[0]) {
              insert(nearest, cosines[at + j]);
            }
          }
          radii[i] = nearest[0];
          done.accept(i + 1);
        });
    return radii;
  }

  /** Replaces the lowest of ascending values. */
  private static void insert(float[] ascending, float value) {
    int i = 0;
    while (i + 1 < ascending.length && ascending[i + 1] < value) {
      ascending[i] = ascending[i + 1];
      i++;
    }
    ascending[i] = value;
  }

  private static double share(boolean[] of) {
    int count = 0;
    for (boolean one : of) {
      count += one ? 1 : 0;
    }
    return (double) count / of.length;
  }
}
