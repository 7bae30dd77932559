package dev.fizzy.alignment;

/** Positions of the five landmarks in an aligned face (ArcFace, Deng et al., CVPR 2019). */
public final class ArcFaceTemplate {
  private static final int SIZE = 112;
  private static final double[] POINTS = {
    38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041
  };

  private ArcFaceTemplate() {}

  /**
   * The template in pixels; for sizes other than 112 its coordinates are scaled, as InsightFace
   * does.
   *
   * @param size side of the aligned square in pixels
   */
  public static Landmarks of(int size) {
    double[] scaled = POINTS.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (double) size / SIZE;
    }
    return new Landmarks(scaled);
  }
}
