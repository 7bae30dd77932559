package dev.fizzy.dataset.read;

import java.util.List;

/** Images made of another source. Closing this object closes the source. */
abstract class ImagesOf<S extends ImageSource> implements ImageSource {
  final S source;

  ImagesOf(S source) {
    this.source = source;
  }

  @Override
  public List<Skipped> skipped() {
    return source.skipped();
  }

  @Override
  public String toString() {
    return source.toString();
  }

  @Override
  public void close() {
    source.close();
  }
}
