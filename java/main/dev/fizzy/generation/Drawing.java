package dev.fizzy.generation;

import dev.fizzy.dataset.write.ImageKey;
import dev.fizzy.engine.Later;
import dev.fizzy.image.Rgb;
import java.util.List;

/** A way to draw the images of a data set; used by several workers at a time. */
public interface Drawing {
  /** Number of images that a worker should draw at a time. */
  int images(int batch);

  /**
   * Draws images, which the device may still be computing when this returns.
   *
   * @param distinct of the worker, is shown every drawn image in order
   */
  Later<List<Rgb>> draw(FaceSampler sampler, List<ImageKey> keys, long seed, Distinct distinct);
}
