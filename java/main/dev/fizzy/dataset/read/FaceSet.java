package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The usable faces of a folder or set, as {@link DecodedImages}. */
public final class FaceSet {
  private static final Logger log = LoggerFactory.getLogger(FaceSet.class);

  /** Bytes of pixels kept by default: 160,000 faces of 64 x 64. */
  public static final long MEMORY_LIMIT = 2L << 30;

  private final DecodedImages decoded;
  private final int[] images;
  private final List<Skipped> skipped;

  private FaceSet(DecodedImages decoded, int[] images, List<Skipped> skipped) {
    this.decoded = decoded;
    this.images = images;
    this.skipped = skipped;
  }

  /**
   * @param size side of the squares in pixels
   * @param memoryLimit bytes of pixels to keep
   * @param done called with the number of finished files, from any thread
   */
  public static FaceSet read(
      ImageSource source, int size, int threads, long memoryLimit, LongConsumer done) {
    DecodedImages decoded =
        DecodedImages.read(source, size, threads, memoryLimit, image -> {}, done);
    int[] images = decoded.good().toArray();
    List<Skipped> skipped = decoded.skipped();
    report(source, images.length, skipped);
    return new FaceSet(decoded, images, List.copyOf(skipped));
  }

  /** Logs every skipped file; throws if no image is usable. */
  public static void report(ImageSource images, int good, List<Skipped> skipped) {
    skipped.sort(Comparator.comparing(Skipped::name));
    skipped.forEach(s -> log.warn("skipped {}", s));
    if (good == 0) {
      throw new FileException(
          "none of the "
              + skipped.size()
              + " files in "
              + images
              + " can be used; the first: "
              + skipped.get(0));
    }
    if (!skipped.isEmpty()) {
      log.warn("skipped {} of {} files in {}", skipped.size(), good + skipped.size(), images);
    }
  }

  public int count() {
    return images.length;
  }

  /** Side of the squares in pixels. */
  public int size() {
    return decoded.size();
  }

  public List<String> names() {
    return Arrays.stream(images).mapToObj(decoded.source()::name).toList();
  }

  public List<Skipped> skipped() {
    return skipped;
  }

  /** The pixels of a face, [size, size, 3]; do not modify them. */
  public byte[] pixels(int face) {
    return decoded.pixels(images[face]);
  }

  public Rgb face(int face) {
    return new Rgb(size(), size(), pixels(face));
  }
}
