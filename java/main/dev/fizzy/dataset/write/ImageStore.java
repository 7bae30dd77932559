package dev.fizzy.dataset.write;

import java.util.BitSet;

/** Stores the encoded images of one part of a data set, numbered as in its {@link ItemList}. */
public interface ImageStore extends AutoCloseable {
  /** Number of the first image of this part. */
  long begin();

  /** Number of the last image of this part plus 1. */
  long end();

  /** Numbers of the images that were already stored when it was opened. */
  BitSet done();

  /** Throws if {@code images} more images do not fit on the disk. */
  void checkSpace(long images);

  /**
   * Stores consecutive images and lists them. Thread-safe.
   *
   * @param first number of the first image
   * @param images encoded images; null for images that are skipped
   */
  void store(long first, byte[]... images);

  /** Wakes all threads that wait in {@link #store}, because no more images will come. */
  default void abort() {}

  /** Completes this part after its last image. */
  default void finish() {}

  @Override
  void close();
}
