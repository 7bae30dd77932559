package dev.fizzy.dataset.read;

import dev.fizzy.dataset.ImageSets;
import java.io.IOException;

/** Images of known people: what a recognizer is trained on. {@link ImageSets} opens one. */
public interface LabeledImages extends ImageSource {
  /** Labels are 0 .. classes-1. */
  int classes();

  /**
   * Whose image it is.
   *
   * @throws IOException where the label cannot be read, with the reason
   */
  int label(int image) throws IOException;

  /** What the set calls the person: the folder's name, else the label in six digits. */
  default String className(int label) {
    return String.format("%06d", label);
  }
}
