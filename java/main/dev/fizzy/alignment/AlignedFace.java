package dev.fizzy.alignment;

import dev.fizzy.image.ImageException;
import dev.fizzy.image.Rgb;

/**
 * A face aligned to the ArcFace template.
 *
 * @param image a square
 * @param outside share of the square that lies outside the photo and is black
 */
public record AlignedFace(Rgb image, double outside) {

  /**
   * @param size side of the square in pixels
   */
  public static AlignedFace of(Rgb photo, Landmarks points, int size) throws ImageException {
    Similarity toFace = Similarity.between(points, ArcFaceTemplate.of(size));
    Warp warp = new Warp(photo, toFace);
    byte[] pixels = new byte[3 * size * size];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        warp.pixel(x, y, pixels, 3 * (y * size + x));
      }
    }
    return new AlignedFace(new Rgb(size, size, pixels), warp.outside() / ((double) size * size));
  }
}
