package dev.fizzy.alignment;

import java.util.Comparator;
import java.util.List;

/** Which of an image's faces is meant. */
public enum FaceChoice {
  /** The face with the largest box. */
  LARGEST {
    @Override
    double merit(Box box, int width, int height) {
      return box.area();
    }
  },
  /**
   * The face near the middle: the area of its box, less twice the squared distance of the box's
   * centre from the image's (the rule by which facenet aligns data sets).
   */
  CENTRAL {
    @Override
    double merit(Box box, int width, int height) {
      double x = box.centreX() - (width - 1) / 2.;
      double y = box.centreY() - (height - 1) / 2.;
      return box.area() - 2 * (x * x + y * y);
    }
  };

  abstract double merit(Box box, int width, int height);

  /**
   * The face meant, or null where there is none; of equals the first.
   *
   * @param width the image's
   */
  public Detection of(List<Detection> faces, int width, int height) {
    // max() takes the last of equals, so the order is turned round
    return faces.stream()
        .min(Comparator.comparingDouble(d -> -merit(d.box(), width, height)))
        .orElse(null);
  }
}
