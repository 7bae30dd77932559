package dev.fizzy.dataset.read;

import dev.fizzy.dataset.ImageSets;
import java.io.IOException;

/** Images with identity labels, for training recognizers. {@link ImageSets} opens a set. */
public interface LabeledImages extends ImageSource {
  /** Number of identities; labels are 0 .. classes-1. */
  int classes();

  /**
   * The label of an image.
   *
   * @throws IOException with the reason, if the label cannot be read
   */
  int label(int image) throws IOException;

  /** The name of an identity: the name of its folder, else the label with six digits. */
  default String className(int label) {
    return String.format("%06d", label);
  }
}
