package dev.fizzy.recognition.quality;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A set beside a real set in an embedder's space: Frechet distance and overlap of equally many
 * vectors of both, and the same figures of two parts of the real set that share no image. These are
 * what the figures would be for a perfect set: the distance is not zero and the overlap not whole.
 *
 * @param samples vectors of each set that were compared
 * @param floorSamples vectors in each of the two real parts; fewer than {@code samples} if the real
 *     set is smaller than twice those, which makes the floor too high
 */
public record SetComparison(
    int samples, double frechet, Overlap overlap, int floorSamples, double floor, Overlap ideal) {

  /**
   * @param set unit vectors in random order
   * @param real unit vectors in random order
   * @param k neighbors of the overlap
   * @param done is told the number of vectors compared, of {@link #work}
   */
  public static SetComparison of(
      Device device, float[][] set, float[][] real, int k, LongConsumer done) {
    int n = samples(set.length, real.length);
    int half = floorSamples(n, real.length);
    if (half <= k) {
      throw new EngineException(
          "there are "
              + set.length
              + " images and "
              + real.length
              + " real ones; "
              + k
              + " neighbors need at least "
              + (k + 1)
              + " and "
              + 2 * (k + 1));
    }
    float[][] mine = Arrays.copyOf(set, n);
    float[][] theirs = Arrays.copyOf(real, n);
    float[][] first = Arrays.copyOf(real, half);
    float[][] second = Arrays.copyOfRange(real, real.length - half, real.length);
    return new SetComparison(
        n,
        FrechetDistance.of(mine, theirs),
        Overlap.of(device, mine, theirs, k, done),
        half,
        FrechetDistance.of(first, second),
        Overlap.of(device, first, second, k, d -> done.accept(3L * n + d)));
  }

  private static int samples(int set, int real) {
    return Math.min(set, real);
  }

  private static int floorSamples(int samples, int real) {
    return Math.min(samples, real / 2);
  }

  /** Number of vectors that {@link #of} compares. */
  public static long work(int set, int real) {
    int n = samples(set, real);
    return 3L * (n + floorSamples(n, real));
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("samples", samples);
    fields.put("frechet", frechet);
    put(fields, "", overlap);
    fields.put("floor_samples", floorSamples);
    fields.put("frechet_floor", floor);
    put(fields, "real_", ideal);
    return fields;
  }

  /** The figures of the set, and in parentheses those of the two real parts. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "Frechet distance %.4f (%.4f), precision %.3f (%.3f), recall %.3f (%.3f), density %.3f"
            + " (%.3f), coverage %.3f (%.3f) of %d samples (%d)",
        frechet,
        floor,
        overlap.precision(),
        ideal.precision(),
        overlap.recall(),
        ideal.recall(),
        overlap.density(),
        ideal.density(),
        overlap.coverage(),
        ideal.coverage(),
        samples,
        floorSamples);
  }

  private static void put(Map<String, Object> fields, String prefix, Overlap overlap) {
    fields.put(prefix + "precision", overlap.precision());
    fields.put(prefix + "recall", overlap.recall());
    fields.put(prefix + "density", overlap.density());
    fields.put(prefix + "coverage", overlap.coverage());
  }
}
