package dev.fizzy.alignment;

import java.util.List;

/** Finds faces and their five landmarks. Not thread-safe. */
public interface FaceDetector extends AutoCloseable {
  /**
   * The faces of each photo, the highest score first. The result for a photo does not depend on the
   * other photos.
   */
  List<List<Detection>> detect(List<Photo> photos);

  @Override
  void close();
}
