package dev.fizzy.file;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths that a file of the user's lists: only what lies below one folder is opened. */
public final class ListedPath {
  private ListedPath() {}

  /** Whether a relative path stays below the folder that it is relative to. */
  public static boolean isBelow(String path) {
    try {
      return !path.isEmpty()
          && !Path.of(path).isAbsolute()
          && !("/" + path.replace('\\', '/') + "/").contains("/../");
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
