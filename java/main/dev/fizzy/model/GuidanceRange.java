package dev.fizzy.model;

import dev.fizzy.engine.EngineException;

/**
 * The guidance weights that a denoiser takes as an input (Meng et al., CVPR 2023). Such a network
 * predicts in one evaluation what guidance computes from two.
 *
 * @param least at least 0
 * @param most at least {@code least}
 */
public record GuidanceRange(double least, double most) {
  public GuidanceRange {
    if (!(least >= 0 && most >= least && most < Double.POSITIVE_INFINITY)) {
      throw new EngineException(
          "a range of guidance weights goes from a number of at least 0 to one that is not smaller,"
              + " not from "
              + least
              + " to "
              + most);
    }
  }

  /** The weight to draw with if none is given. */
  public double middle() {
    return (least + most) / 2;
  }

  public boolean contains(double weight) {
    return weight >= least && weight <= most;
  }

  public boolean contains(GuidanceRange other) {
    return contains(other.least) && contains(other.most);
  }

  @Override
  public String toString() {
    return least + " to " + most;
  }
}
