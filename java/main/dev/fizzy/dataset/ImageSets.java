package dev.fizzy.dataset;

import java.nio.file.Path;

/** Opens a set of labelled images, whatever format it is in. */
public final class ImageSets {
  private ImageSets() {}

  /**
   * @param location a folder with a folder an identity
   */
  public static LabelledImages open(Path location) {
    return FolderImages.open(location);
  }
}
