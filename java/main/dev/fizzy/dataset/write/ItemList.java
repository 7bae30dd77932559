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

  /** One behind the number of the identity's last image. */
  long end(int label);

  /** Name of the identity, fit for a folder. */
  String identity(int label);
}
