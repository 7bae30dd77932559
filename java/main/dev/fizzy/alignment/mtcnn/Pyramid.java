package dev.fizzy.alignment.mtcnn;

import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.List;

/**
 * An image at decreasing sizes, so that a face of any size fills P-Net's 12 pixels at one of them.
 * Sides are rounded up to even numbers, so that no pooling window is cut off and a level gives the
 * same values on a page with other levels as alone.
 */
final class Pyramid {
  /** Side of P-Net's receptive field. */
  static final int CELL = 12;

  private static final double FACTOR = .709;

  /** Width and height of a level. */
  record Size(int width, int height) {}

  private Pyramid() {}

  /**
   * Sizes of an image's levels, the largest first; empty if the image is smaller than the face.
   *
   * @param minFace side of the smallest face to find, in pixels
   */
  static List<Size> sizes(int width, int height, double minFace) {
    List<Size> sizes = new ArrayList<>();
    double scale = CELL / minFace;
    while (Math.min(width, height) * scale >= CELL) {
      sizes.add(new Size(even(width * scale), even(height * scale)));
      scale *= FACTOR;
    }
    return sizes;
  }

  private static int even(double side) {
    return (int) Math.ceil(side / 2) * 2;
  }

  /**
   * The levels. From the third on, each is made from the one two before it, about twice as large,
   * to read fewer pixels.
   */
  static List<Rgb> levels(Rgb image, List<Size> sizes) {
    List<Rgb> levels = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Rgb from = i < 2 ? image : levels.get(i - 2);
      levels.add(AreaResampler.resize(from, sizes.get(i).width(), sizes.get(i).height()));
    }
    return levels;
  }
}
