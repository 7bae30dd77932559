package dev.fizzy.recognition.quality;

import dev.fizzy.image.PixelStatistics;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the pixels of faces keep in an autoencoder's round trip.
 *
 * @param l1 mean absolute difference of the values in [-1, 1], as in training
 * @param psnr mean over the faces of 10 log10(255^2 / mean squared difference), in dB
 * @param faces sharpness and clipping before
 * @param again sharpness and clipping after
 * @param codes entries of the codebook
 * @param codesUsed entries that were chosen
 * @param perplexity exp of the entropy of the choices: the number of codes that, chosen equally
 *     often, would carry as much
 */
public record RoundTripQuality(
    double l1,
    double psnr,
    PixelQuality faces,
    PixelQuality again,
    int codes,
    int codesUsed,
    double perplexity) {
  private static final double PEAK = 255;

  /**
   * @param faces and {@code again} in the same order and of one size
   * @param use how often each code was chosen
   */
  public static RoundTripQuality of(List<Rgb> faces, List<Rgb> again, long[] use) {
    double l1 = 0;
    double psnr = 0;
    for (int i = 0; i < faces.size(); i++) {
      byte[] x = faces.get(i).pixels();
      byte[] y = again.get(i).pixels();
      double absolute = 0;
      double squares = 0;
      for (int k = 0; k < x.length; k++) {
        double d = (x[k] & 255) - (y[k] & 255);
        absolute += Math.abs(d);
        squares += d * d;
      }
      l1 += absolute / x.length / (PEAK / 2) / faces.size();
      // A face that is kept exactly counts as one with a difference of half a step.
      psnr += 10 * Math.log10(PEAK * PEAK / Math.max(.25, squares / x.length)) / faces.size();
    }
    return new RoundTripQuality(
        l1,
        psnr,
        pixels(faces),
        pixels(again),
        use.length,
        (int) Arrays.stream(use).filter(n -> n > 0).count(),
        perplexity(use));
  }

  private static PixelQuality pixels(List<Rgb> images) {
    return PixelQuality.of(
        images.stream().map(PixelStatistics::of).toArray(PixelStatistics[]::new));
  }

  private static double perplexity(long[] use) {
    double total = Arrays.stream(use).sum();
    double entropy =
        Arrays.stream(use)
            .filter(n -> n > 0)
            .mapToDouble(n -> -n / total * Math.log(n / total))
            .sum();
    return Math.exp(entropy);
  }

  /** Median Laplacian variance after the round trip over that before. */
  public double sharpness() {
    return again.laplacian().median() / faces.laplacian().median();
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("l1", l1);
    fields.put("psnr", psnr);
    fields.put("sharpness_ratio", sharpness());
    fields.put("faces_pixels", faces.fields());
    fields.put("round_trip_pixels", again.fields());
    fields.put("codes", codes);
    fields.put("codes_used", codesUsed);
    fields.put("codes_perplexity", perplexity);
    return fields;
  }
}
