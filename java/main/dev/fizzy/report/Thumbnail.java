package dev.fizzy.report;

import dev.fizzy.image.ImageEncoder;
import dev.fizzy.image.Rgb;
import java.util.Base64;

/** Pictures as they are embedded in the page: JPEG in data URIs. */
final class Thumbnail {
  /** Side of a face in pixels. */
  static final int SIDE = 80;

  private static final int QUALITY = 88;

  private Thumbnail() {}

  static String uri(Rgb picture) {
    byte[] jpeg = ImageEncoder.jpeg(picture, QUALITY, null);
    return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg);
  }
}
