package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The images of a source, decoded by several threads to 8-bit RGB squares of one size. They are
 * kept in memory up to a limit; images beyond it are decoded once to check them, and again on each
 * access.
 */
final class DecodedImages {
  /**
   * An additional check of an image, such as reading its label; the image is skipped if it throws.
   */
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
   * @param done called with the number of finished images, from any thread
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

  /** Indices of the images that could be decoded. */
  IntStream good() {
    return IntStream.range(0, reasons.length).filter(i -> reasons[i] == null);
  }

  /** The inputs skipped by the source, then the images that could not be decoded. */
  List<Skipped> skipped() {
    List<Skipped> skipped = new ArrayList<>(source.skipped());
    for (int i = 0; i < reasons.length; i++) {
      if (reasons[i] != null) {
        skipped.add(new Skipped(source.name(i), reasons[i]));
      }
    }
    return skipped;
  }

  /** The pixels of a decoded image, [size, size, 3]; do not modify them. */
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
              + " was readable before but is not now: "
              + FileException.reason(e),
          e);
    }
  }
}
