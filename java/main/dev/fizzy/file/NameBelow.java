package dev.fizzy.file;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Checks file names from untrusted files: they must stay inside a folder. */
public final class NameBelow {
  /** The fault of a name with characters that the system's encoding does not have. */
  public static final String NOT_TEXT = "its name is not text in this system's encoding";

  private NameBelow() {}

  /** Whether a relative path, with '/' between folders, is valid and stays inside its folder. */
  public static boolean isSafe(String name) {
    return !name.isEmpty()
        && !name.startsWith("/")
        && !("/" + name + "/").contains("/../")
        && name.indexOf('\0') < 0;
  }

  /** Why a name cannot be a file in its folder on this system; null if it can. */
  public static String fault(String name) {
    return !isSafe(name) ? "it is not a file inside the folder" : encodingFault(name);
  }

  /** Why a path cannot be a name on this system, as non-ASCII names in the locale C; or null. */
  public static String encodingFault(String path) {
    try {
      Path.of(path);
      return null;
    } catch (InvalidPathException e) {
      return NOT_TEXT;
    }
  }
}
