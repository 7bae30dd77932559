package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The images of a source, decoded once by several threads: 8-bit RGB squares of one size. They stay
 * in memory up to a limit; the ones beyond it were decoded to know that they are good, and are
 * decoded again when asked for.
 */
final class DecodedImages {
  /** What must be known of an image besides its pixels; it is skipped where that throws. */
  @FunctionalInterface
  interface Check {
    void accept(int image) throws IOException;
  }

  private final ImageSource source;
  private final int size;
  private final byte[][] pixels;
  private final String[] reasons;

  private DecodedImages(ImageSource source, int size) {
    this.source = source;
    this.size = size;
    this.pixels = new byte[source.count()][];
    this.reasons = new String[source.count()];
  }

  /**
   * @param size side of the squares in pixels
   * @param memoryLimit bytes of pixels to keep
   * @param check called for each image, from any thread
   * @param done told the number of images dealt with, from any thread
   */
  static DecodedImages read(
      ImageSource source, int size, int threads, long memoryLimit, Check check, LongConsumer done) {
    DecodedImages images = new DecodedImages(source, size);
    long kept = memoryLimit / (3L * size * size);
    AtomicLong count = new AtomicLong();
    Workers.forEach(
        source.count(),
        threads,
        i -> {
          try {
            check.accept(i);
            byte[] face = source.decode(i, size).pixels();
            images.pixels[i] = i < kept ? face : null;
          } catch (IOException e) {
            images.reasons[i] = FileException.reason(e);
          }
          done.accept(count.incrementAndGet());
        });
    return images;
  }

  ImageSource source() {
    return source;
  }

  int size() {
    return size;
  }

  /** The numbers of the images that could be decoded. */
  IntStream good() {
    return IntStream.range(0, reasons.length).filter(i -> reasons[i] == null);
  }

  /** What the source skips, then the images that could not be decoded. */
  List<Skipped> skipped() {
    List<Skipped> skipped = new ArrayList<>(source.skipped());
    for (int i = 0; i < reasons.length; i++) {
      if (reasons[i] != null) {
        skipped.add(new Skipped(source.name(i), reasons[i]));
      }
    }
    return skipped;
  }

  /** [size, size, 3] of a good image, not to be changed. */
  byte[] pixels(int image) {
    byte[] kept = pixels[image];
    if (kept != null) {
      return kept;
    }
    try {
      return source.decode(image, size).pixels();
    } catch (IOException e) {
      throw new FileException(
          "the face "
              + source.name(image)
              + " in "
              + source
              + " could be read before and cannot now: "
              + FileException.reason(e),
          e);
    }
  }
}
