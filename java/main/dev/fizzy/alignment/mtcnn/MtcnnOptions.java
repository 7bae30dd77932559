package dev.fizzy.alignment.mtcnn;

import dev.fizzy.engine.EngineException;

/**
 * Settings of MTCNN.
 *
 * @param minFace side of the smallest face in pixels; 0 means 20 pixels, or a fiftieth of the
 *     image's longer side if that is more, so that a huge photo costs no more than one of 1,000
 *     pixels
 * @param thresholds minimum probabilities of a face in P-Net, R-Net and O-Net
 */
public record MtcnnOptions(double minFace, double[] thresholds) {
  private static final double SMALLEST = 20;
  private static final double SHARE = 1 / 50.;

  public static final MtcnnOptions DEFAULT = new MtcnnOptions(0, new double[] {.6, .7, .7});

  /**
   * @param threshold of O-Net; 0 for the default
   */
  public static MtcnnOptions of(double minFace, double threshold) {
    double[] thresholds = DEFAULT.thresholds.clone();
    if (threshold > 0) {
      thresholds[2] = threshold;
    }
    return new MtcnnOptions(minFace, thresholds);
  }

  public MtcnnOptions {
    if (minFace != 0 && !(minFace >= Pyramid.CELL)) {
      throw new EngineException(
          "the smallest face to find must have at least "
              + Pyramid.CELL
              + " pixels, not "
              + minFace);
    }
    for (double threshold : thresholds) {
      if (!(threshold > 0 && threshold < 1)) {
        throw new EngineException("a threshold must be between 0 and 1, not " + threshold);
      }
    }
  }

  /** Side of the smallest face to find in an image of this width and height. */
  double minFace(int width, int height) {
    return minFace > 0 ? minFace : Math.max(SMALLEST, SHARE * Math.max(width, height));
  }
}
