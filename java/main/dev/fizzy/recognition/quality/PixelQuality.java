package dev.fizzy.recognition.quality;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.image.PixelStatistics;
import dev.fizzy.recognition.Spread;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Sharpness and clipping of images at one size.
 *
 * @param images number of images measured
 * @param laplacian variance of the Laplacian of each image
 * @param clipped share of the red, green and blue values at 0 or 255, over all images
 */
public record PixelQuality(int images, Spread laplacian, double[] clipped) {

  /**
   * Images that cannot be decoded are left out; embedding reports them.
   *
   * @param size side in pixels that all are resized to
   * @param done is told the number of images done, from any thread
   */
  public static PixelQuality of(ImageSource images, int size, int threads, LongConsumer done) {
    PixelStatistics[] each = each(images, size, threads, done);
    PixelStatistics[] good =
        Arrays.stream(each).filter(Objects::nonNull).toArray(PixelStatistics[]::new);
    if (good.length == 0) {
      throw new FileException("none of the " + each.length + " images of " + images + " is usable");
    }
    return of(good);
  }

  /**
   * The statistics of each image, null for one that cannot be decoded.
   *
   * @param size side in pixels that all are resized to; 0 for the size of each
   */
  public static PixelStatistics[] each(
      ImageSource images, int size, int threads, LongConsumer done) {
    PixelStatistics[] each = new PixelStatistics[images.count()];
    AtomicLong count = new AtomicLong();
    Workers.forEach(
        each.length,
        threads,
        i -> {
          try {
            each[i] = PixelStatistics.of(size > 0 ? images.decode(i, size) : images.decode(i));
          } catch (IOException e) {
            each[i] = null;
          }
          done.accept(count.incrementAndGet());
        });
    return each;
  }

  static PixelQuality of(PixelStatistics[] images) {
    double[] clipped = new double[3];
    for (PixelStatistics image : images) {
      for (int c = 0; c < clipped.length; c++) {
        clipped[c] += image.clipped()[c] / images.length;
      }
    }
    double[] laplacian = Arrays.stream(images).mapToDouble(PixelStatistics::laplacian).toArray();
    return new PixelQuality(images.length, new Spread(laplacian), clipped);
  }

  /** Share of all values at 0 or 255. */
  public double clippedMean() {
    return Arrays.stream(clipped).average().orElseThrow();
  }

  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("images", images);
    fields.put("laplacian", laplacian.fields());
    fields.put("clipped", clippedMean());
    fields.put("clipped_red", clipped[0]);
    fields.put("clipped_green", clipped[1]);
    fields.put("clipped_blue", clipped[2]);
    return fields;
  }
}
