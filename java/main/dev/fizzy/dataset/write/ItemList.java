package dev.fizzy.dataset.write;

/** The images of a set to write, numbered from 0 in the order of writing, which is by identity. */
public interface ItemList {
  long count();

  /** Number of identities; labels are 0 .. classes-1. */
  int classes();

  int label(long number);

  /** The index of the image within its identity, from 0. */
  int image(long number);

  /** Number of the first image of an identity. */
  default long begin(int label) {
    return label == 0 ? 0 : end(label - 1);
  }

  /** Number of the last image of an identity plus 1. */
  long end(int label);

  /** Name of an identity, valid as a folder name. */
  String identity(int label);
}
