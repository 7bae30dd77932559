package dev.fizzy.dataset.read;

import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.List;

/**
 * Images that are read by number, in whatever format they lie. Reading one after the other is
 * sequential on the disk; several threads may read at a time. What is kept in memory is a few bytes
 * an image, never the images.
 */
public interface ImageSource extends AutoCloseable {
  /** Images are numbered 0 .. count-1. */
  int count();

  /** What the set calls the image: a path with '/' for files, else a key. */
  String name(int image);

  /**
   * The image as it is stored: a PNG or JPEG file's content, by and large.
   *
   * @throws IOException where this image cannot be read, with the reason; the others still can
   */
  byte[] bytes(int image) throws IOException;

  /**
   * Decodes the image.
   *
   * @throws IOException with the reason where it cannot be used
   */
  default Rgb decode(int image) throws IOException {
    return ImageDecoder.decode(bytes(image));
  }

  /** Decodes the image, cuts out its centered square and scales that. */
  default Rgb decode(int image, int size) throws IOException {
    return ImageDecoder.square(bytes(image), size);
  }

  /** What the set names or holds that gives no image: missing files, empty folders. */
  default List<Skipped> skipped() {
    return List.of();
  }

  /** Where the set lies, for messages. */
  @Override
  String toString();

  @Override
  default void close() {}
}
