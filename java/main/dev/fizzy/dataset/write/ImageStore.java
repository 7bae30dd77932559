package dev.fizzy.dataset.write;

import java.util.BitSet;

/** Stores the encoded images of one part of a data set, numbered as in its {@link ItemList}. */
public interface ImageStore extends AutoCloseable {
  /** Number of this part's first image. */
  long begin();

  /** One behind the number of this part's last image. */
  long end();

  /** The numbers of the images that were stored when it was opened. */
  BitSet done();

  /** Throws if {@code images} more images will not fit on the disk. */
  void checkSpace(long images);

  /**
   * Stores consecutive images and lists them; may be called by several threads.
   *
   * @param first number of the first
   * @param images encoded; null where the set has no image of that number
   */
  void store(long first, byte[]... images);

  /** Ends the wait of every thread in {@link #store}: no more images will come. */
  default void abort() {}

  /** Completes this part after its last image. */
  default void finish() {}

  @Override
  void close();
}
