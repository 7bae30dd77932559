package dev.fizzy.dataset.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;

/**
 * A data set that is written sequentially, image by image, and can be continued after any image.
 * {@link PackedStore} keeps the list of its images.
 */
public interface Container extends Closeable {
  /** Creates containers for parts of a set. */
  interface Format extends DatasetFormat {
    /** Parts begin at multiples of this number of images. */
    default long unit() {
      return 1;
    }

    /**
     * @param first number of the first image of the part
     */
    Container open(Destination destination, long first);

    @Override
    default void describe(ObjectNode run, Shard shard) {
      DatasetFormat.super.describe(run, shard);
      run.put(OutputFolder.PARTS, shard.count());
    }

    @Override
    default ImageStore open(Destination destination) {
      return PackedStore.open(destination, this);
    }
  }

  /**
   * The position of an image.
   *
   * @param path path of the file, relative to the set's folder
   * @param offset start of the image's data in the file
   * @param end end of the image's data
   */
  record Place(String path, long offset, long end) {}

  /** Called for every image that is already in the set, in order, before {@link #resume}. */
  default void kept(long number, Place place) {}

  /**
   * Starts writing, or continues after the last valid image; data after it is truncated.
   *
   * @param last position of the last valid image; null if there is none
   * @param stored number of valid images in this part
   */
  void resume(Place last, long stored) throws IOException;

  /** Appends an image. */
  Place append(long number, byte[] image) throws IOException;

  /** Passes appended data to the operating system, so that it survives a crash of the process. */
  void flush() throws IOException;

  /** Reads an image back, also one written by an earlier process. */
  byte[] read(Place place) throws IOException;

  /** Completes the set after the last image and forces it to the disk. */
  void finish() throws IOException;
}
