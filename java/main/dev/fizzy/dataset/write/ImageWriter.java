package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;

/**
 * The file format of a data set's images.
 *
 * @param quality 1..100 for JPEG; 0 is PNG
 */
public record ImageWriter(int quality) {
  private static final int QUALITY = 95;

  public ImageWriter {
    if (quality < 0 || quality > 100) {
      throw new FileException("JPEG quality is between 1 and 100, not " + quality);
    }
  }

  public static ImageWriter png() {
    return new ImageWriter(0);
  }

  public static ImageWriter jpeg(int quality) {
    if (quality == 0) {
      throw new FileException("JPEG quality is between 1 and 100, not 0");
    }
    return new ImageWriter(quality);
  }

  /** The format that a user names: png, jpeg (of quality 95) or jpeg:QUALITY. */
  public static ImageWriter named(String name) {
    if (name.equals("png")) {
      return png();
    }
    if (name.matches("jpeg(:\\d{1,3})?")) {
      return jpeg(name.length() == 4 ? QUALITY : Integer.parseInt(name.substring(5)));
    }
    throw new FileException("no image format " + name + ", only png, jpeg and jpeg:QUALITY");
  }

  /** As the manifest names it: "png", "jpeg 95". */
  public String name() {
    return quality == 0 ? "png" : "jpeg " + quality;
  }

  /** The ending of a file's name, without a dot. */
  public String ending() {
    return quality == 0 ? "png" : "jpg";
  }

  public byte[] encode(Rgb image, SyntheticOrigin origin) {
    return quality == 0
        ? ImageEncoder.png(image, origin)
        : ImageEncoder.jpeg(image, quality, origin);
  }

  /** About as many bytes as an image takes at most; for the look at the free space. */
  long estimate(int size) {
    return 2048 + (quality == 0 ? 3L * size * size : size * size);
  }
}
