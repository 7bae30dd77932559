package dev.fizzy.alignment.mtcnn;

import dev.fizzy.image.AreaResampler;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.List;

/**
 * An image at falling sizes, so that faces of every size fill P-Net's 12 pixels at one of them.
 * Sides are rounded up to even numbers: then no pooling window is cut, and the level gives the same
 * on a page beside others as alone.
 */
final class Pyramid {
  /** Side of what P-Net looks at. */
  static final int CELL = 12;

  private static final double FACTOR = .709;

  /** Width and height of a level. */
  record Size(int width, int height) {}

  private Pyramid() {}

  /**
   * Sizes of an image's levels, the largest first; none where the image is smaller than the face.
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

  /** The levels: each is made from the one two before it, which is twice as large, to read less. */
  static List<Rgb> levels(Rgb image, List<Size> sizes) {
    List<Rgb> levels = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Rgb from = i < 2 ? image : levels.get(i - 2);
      levels.add(AreaResampler.resize(from, sizes.get(i).width(), sizes.get(i).height()));
    }
    return levels;
  }
}
