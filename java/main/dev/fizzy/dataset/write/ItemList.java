package dev.fizzy.dataset.write;

/**
 * The images of a set that is being written, numbered from 0 in the order in which they are
 * written: an identity after the other.
 */
public interface ItemList {
  long count();

  /** Labels are 0 .. classes-1. */
  int classes();

  int label(long number);

  /** Which of its identity's images, from 0. */
  int image(long number);

  /** Number of the identity's first image. */
  default long begin(int label) {
    return label == 0 ? 0 : end(label - 1);
  }

  /** One behind the number of the identity's last image. */
  long end(int label);

  /** Name of the identity, fit for a folder. */
  String identity(int label);
}
