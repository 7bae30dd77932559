package dev.fizzy.dataset.write;

import dev.fizzy.image.ImageDecoder;

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
    return ending == null ? ImageDecoder.ending(image) : ending;
  }
}
