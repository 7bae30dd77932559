package dev.fizzy.dataset.write;

import dev.fizzy.image.ImageDecoder;

/**
 * Properties of the encoded images of a set.
 *
 * @param ending file extension, such as "png", or null if it differs between images
 * @param size side in pixels, or 0 if unknown
 * @param estimate estimated bytes of an image, for the check of the free space
 */
public record ImageProperties(String ending, int size, long estimate) {
  /** The file extension of {@code image}. */
  public String ending(byte[] image) {
    return ending == null ? ImageDecoder.ending(image) : ending;
  }
}
