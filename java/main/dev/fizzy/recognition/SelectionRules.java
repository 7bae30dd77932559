package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;

/**
 * Which images of a data set to keep. A rule that is null is not applied.
 *
 * @param adherence bounds on the cosine of an image and the context of its identity
 * @param center bounds on the cosine of an image and the mean of its identity's images
 * @param typical share of the images to keep, those with the lowest {@link Oddness}
 * @param sharpness least variance of the Laplacian
 * @param clipped largest share of values at 0 or 255
 * @param misaligned largest distance of a face's landmarks from the template, see {@link
 *     dev.fizzy.alignment.Misalignment}; infinite for any face that is found
 * @param real largest cosine of an image and a real person
 * @param cluster least cosine of neighbors: of an identity's images, only the largest cluster is
 *     kept, in which each is a neighbor of another one
 * @param duplicate largest cosine of two images of an identity; of nearer ones the first is kept
 * @param duplicatesInSet whether {@code duplicate} is for images of different identities as well
 * @param most number of images to keep of an identity: the nearest to its context, or to its mean
 *     without contexts
 * @param least number of images that an identity must have left, else all of them are dropped; null
 *     if an identity without images is an error
 */
public record SelectionRules(
    Bounds adherence,
    Bounds center,
    Double typical,
    Double sharpness,
    Double clipped,
    Double misaligned,
    Double real,
    Double cluster,
    Double duplicate,
    boolean duplicatesInSet,
    Integer most,
    Integer least) {

  /** An interval with its ends. */
  public record Bounds(double from, double to) {
    public Bounds {
      if (!(from <= to)) {
        throw new EngineException("the range from " + from + " to " + to + " is empty");
      }
    }

    boolean contain(double value) {
      return value >= from && value <= to;
    }
  }

  /** Whether a rule looks at the images' vectors. */
  public boolean needVectors() {
    return adherence != null
        || center != null
        || real != null
        || cluster != null
        || duplicate != null
        || most != null;
  }

  /** Whether a rule looks at pixels. */
  public boolean needPixels() {
    return sharpness != null || clipped != null;
  }
}
