package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The faces of a folder, decoded once: 8-bit RGB squares of one size. They stay in memory up to a
 * limit; the ones beyond it were decoded to know that they are good, and are decoded again when
 * asked for.
 */
public final class FaceSet {
  private static final Logger log = LoggerFactory.getLogger(FaceSet.class);

  /** Bytes of pixels kept where nobody says otherwise: 160,000 faces of 64 x 64. */
  public static final long MEMORY_LIMIT = 2L << 30;

  private final FaceFolder folder;
  private final int size;
  private final List<String> names;
  private final List<byte[]> pixels;
  private final List<Skipped> skipped;

  private FaceSet(
      FaceFolder folder, int size, List<String> names, List<byte[]> pixels, List<Skipped> skipped) {
    this.folder = folder;
    this.size = size;
    this.names = List.copyOf(names);
    this.pixels = pixels;
    this.skipped = List.copyOf(skipped);
  }

  /**
   * @param size side of the squares in pixels
   * @param memoryLimit bytes of pixels to keep
   * @param done told the number of files dealt with, now and then, from any thread
   */
  public static FaceSet read(
      FaceFolder folder, int size, int threads, long memoryLimit, LongConsumer done) {
    List<String> files = folder.names();
    long kept = Math.min(files.size(), memoryLimit / (3L * size * size));
    byte[][] decoded = new byte[files.size()][];
    String[] reasons = new String[files.size()];
    AtomicLong count = new AtomicLong();
    Workers.forEach(
        files.size(),
        threads,
        i -> {
          try {
            byte[] face = folder.decode(files.get(i), size).pixels();
            decoded[i] = i < kept ? face : null;
          } catch (IOException e) {
            reasons[i] = FileException.reason(e);
          }
          done.accept(count.incrementAndGet());
        });
    List<String> names = new ArrayList<>();
    List<byte[]> pixels = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>(folder.skipped());
    for (int i = 0; i < decoded.length; i++) {
      if (reasons[i] == null) {
        names.add(files.get(i));
        pixels.add(decoded[i]);
      } else {
        skipped.add(new Skipped(files.get(i), reasons[i]));
      }
    }
    report(folder, names.size(), skipped);
    return new FaceSet(folder, size, names, pixels, skipped);
  }

  /** Names every file that is not used, and fails where none is left. */
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
      log.warn("{} of {} files in {} are skipped", skipped.size(), good + skipped.size(), images);
    }
  }

  public int count() {
    return names.size();
  }

  /** Side of the squares in pixels. */
  public int size() {
    return size;
  }

  public List<String> names() {
    return names;
  }

  public List<Skipped> skipped() {
    return skipped;
  }

  /** [size, size, 3], not to be changed. */
  public byte[] pixels(int face) {
    byte[] kept = pixels.get(face);
    if (kept != null) {
      return kept;
    }
    try {
      return folder.decode(names.get(face), size).pixels();
    } catch (IOException e) {
      throw new FileException(
          "the face "
              + names.get(face)
              + " in "
              + folder.folder()
              + " was good and is not any more: "
              + FileException.reason(e),
          e);
    }
  }

  public Rgb face(int face) {
    return new Rgb(size, size, pixels(face));
  }
}
