package dev.fizzy.alignment;

import java.util.List;

/** Finds faces and their five points. Not for use by two threads at once. */
public interface FaceDetector extends AutoCloseable {
  /** The faces of each photo, the surest first; a photo's faces do not depend on the others'. */
  List<List<Detection>> detect(List<Photo> photos);

  @Override
  void close();
}
