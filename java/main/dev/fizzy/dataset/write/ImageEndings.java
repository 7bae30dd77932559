package dev.fizzy.dataset.write;

/** The ending of a file's name that goes with an image's first bytes. */
public final class ImageEndings {
  private ImageEndings() {}

  /** "png", "jpg", or "img" for anything else. */
  public static String of(byte[] image) {
    if (image.length > 8 && image[0] == (byte) 0x89 && image[1] == 'P') {
      return "png";
    }
    boolean jpeg = image.length > 2 && image[0] == (byte) 0xff && image[1] == (byte) 0xd8;
    return jpeg ? "jpg" : "img";
  }
}
