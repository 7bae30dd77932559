package dev.fizzy.alignment;

import java.util.Comparator;
import java.util.List;

/** Which face of an image to use. */
public enum FaceChoice {
  /** The face with the largest box. */
  LARGEST {
    @Override
    double merit(Box box, int width, int height) {
      return box.area();
    }
  },
  /**
   * The largest face near the center: the area of its box minus twice the squared distance between
   * the centers of box and image (facenet's rule for aligning data sets).
   */
  CENTRAL {
    @Override
    double merit(Box box, int width, int height) {
      double x = box.centerX() - (width - 1) / 2.;
      double y = box.centerY() - (height - 1) / 2.;
      return box.area() - 2 * (x * x + y * y);
    }
  };

  abstract double merit(Box box, int width, int height);

  /**
   * The chosen face, or null if there is none. The first of equal faces wins.
   *
   * @param width width of the image
   */
  public Detection of(List<Detection> faces, int width, int height) {
    // min() of the negative: max() would return the last of equal faces
    return faces.stream()
        .min(Comparator.comparingDouble(d -> -merit(d.box(), width, height)))
        .orElse(null);
  }
}
