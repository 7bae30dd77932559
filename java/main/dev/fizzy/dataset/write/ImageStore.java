package dev.fizzy.dataset.write;

import java.util.BitSet;

/** Where the images of a data set go that {@link DatasetWriter} encodes. */
interface ImageStore extends AutoCloseable {
  /** First image of this part, by its number in the whole set. */
  long begin();

  /** One behind the last image of this part. */
  long end();

  /** The numbers of the images that were there when it was opened. */
  BitSet done();

  /** Refuses where so many images will not fit on the disk. */
  void checkSpace(long images);

  /** Puts one encoded image in place and lists it; may be called by several threads. */
  void store(ImageKey key, byte[] bytes);

  /** Nothing more will come, and not everything came: nobody is to wait. */
  default void abort() {}

  /** Everything of this part is stored. */
  default void finish() {}

  @Override
  void close();
}
