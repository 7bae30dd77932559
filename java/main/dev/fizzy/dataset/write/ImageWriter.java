package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;

/**
 * The file format of the images of a data set.
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

  /** Parses png, jpeg (quality 95) or jpeg:QUALITY. */
  public static ImageWriter named(String name) {
    if (name.equals("png")) {
      return png();
    }
    if (name.matches("jpeg(:\\d{1,3})?")) {
      return jpeg(name.length() == 4 ? QUALITY : Integer.parseInt(name.substring(5)));
    }
    throw new FileException(
        "unknown image format " + name + "; known are png, jpeg and jpeg:QUALITY");
  }

  /** The name in the manifest: "png", "jpeg 95". */
  public String name() {
    return quality == 0 ? "png" : "jpeg " + quality;
  }

  /** The file extension, without a dot. */
  public String ending() {
    return quality == 0 ? "png" : "jpg";
  }

  public byte[] encode(Rgb image, SyntheticOrigin origin) {
    return quality == 0
        ? ImageEncoder.png(image, origin)
        : ImageEncoder.jpeg(image, quality, origin);
  }

  /** Approximate upper bound of an image's bytes, for the check of the free space. */
  long estimate(int size) {
    return 2048 + (quality == 0 ? 3L * size * size : size * size);
  }
}
