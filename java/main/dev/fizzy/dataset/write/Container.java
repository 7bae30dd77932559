package dev.fizzy.dataset.write;

import java.io.Closeable;
import java.io.IOException;

/**
 * A format of data sets that is written from front to back, image after image, and can be taken up
 * behind any of them. {@link PackedStore} keeps the list of what is in it.
 */
public interface Container extends Closeable {
  /** Makes a container for one part of a set. */
  interface Format extends DatasetFormat {
    /** Parts of the work are cut at multiples of so many images. */
    default long unit() {
      return 1;
    }

    /**
     * @param first number of the part's first image
     */
    Container open(Destination destination, long first);

    @Override
    default ImageStore open(Destination destination) {
      return PackedStore.open(destination, this);
    }
  }

  /**
   * Where an image lies.
   *
   * @param path of the file, relative to the set's folder
   * @param offset where what belongs to the image begins in it
   * @param end and ends
   */
  record Place(String path, long offset, long end) {}

  /** Told of every image that is in the set already, in order, before {@link #resume}. */
  default void kept(long number, Place place) {}

  /**
   * Begins, or goes on behind the last image that is known to be good; what lies behind it goes.
   *
   * @param last null where there is none
   * @param stored how many there are in this part
   */
  void resume(Place last, long stored) throws IOException;

  /** Appends the image of that number. */
  Place append(long number, byte[] image) throws IOException;

  /** Hands to the system what was appended, so that the end of the process does not lose it. */
  void flush() throws IOException;

  /** Reads an image back, whether or not it was written by this process. */
  byte[] read(Place place) throws IOException;

  /** Completes the set when all is appended, and forces it to the disk. */
  void finish() throws IOException;
}
