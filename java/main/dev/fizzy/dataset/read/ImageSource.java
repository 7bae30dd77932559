package dev.fizzy.dataset.read;

import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.List;

/**
 * Images of any format with access by index. Thread-safe. Reading in the order of indices is
 * sequential on the disk. Only a few bytes per image are kept in memory, not the images.
 */
public interface ImageSource extends AutoCloseable {
  /** Number of images; indices are 0 .. count-1. */
  int count();

  /** The name of an image: a path with '/' for files, else a key. */
  String name(int image);

  /**
   * The encoded image as stored, usually the content of a PNG or JPEG file.
   *
   * @throws IOException with the reason, if this image cannot be read
   */
  byte[] bytes(int image) throws IOException;

  /**
   * Decodes the image.
   *
   * @throws IOException with the reason, if the image cannot be used
   */
  default Rgb decode(int image) throws IOException {
    return ImageDecoder.decode(bytes(image));
  }

  /** Decodes the image, crops its centered square and resizes it. */
  default Rgb decode(int image, int size) throws IOException {
    return ImageDecoder.square(bytes(image), size);
  }

  /** Skipped inputs, such as missing files and empty folders. */
  default List<Skipped> skipped() {
    return List.of();
  }

  /** The location of the set, for messages. */
  @Override
  String toString();

  @Override
  default void close() {}
}
