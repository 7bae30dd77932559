package dev.fizzy.dataset.write;

/**
 * Properties of the encoded images that a set is written of.
 *
 * @param ending of their files, "png" say, or null where each has its own
 * @param size side in pixels, or 0 where it is not known
 * @param estimate bytes of one, for the check of the free space
 */
public record ImageProperties(String ending, int size, long estimate) {
  /** The ending of the file that holds {@code image}. */
  public String ending(byte[] image) {
    return ending == null ? endingOf(image) : ending;
  }

  /** "png", "jpg", or "img" for anything else, by the image's first bytes. */
  private static String endingOf(byte[] image) {
    if (image.length > 8 && image[0] == (byte) 0x89 && image[1] == 'P') {
      return "png";
    }
    boolean jpeg = image.length > 2 && image[0] == (byte) 0xff && image[1] == (byte) 0xd8;
    return jpeg ? "jpg" : "img";
  }
}
