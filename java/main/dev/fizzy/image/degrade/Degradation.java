package dev.fizzy.image.degrade;

import dev.fizzy.engine.Philox;
import dev.fizzy.image.Rgb;

/** A way to change an image, with what a label says about it. */
public interface Degradation {
  /** Its name in labels, in lower case. */
  String kind();

  /** The level in labels: 0 for the image itself, larger for more. */
  int level();

  /**
   * The changed image, of the same size.
   *
   * @param random of this image and degradation alone
   */
  Rgb of(Rgb image, Philox random);
}
