package dev.fizzy.file;

/** Checks file names from untrusted files: they must stay inside a folder. */
public final class NameBelow {
  private NameBelow() {}

  /** Whether a relative path, with '/' between folders, is valid and stays inside its folder. */
  public static boolean isSafe(String name) {
    return !name.isEmpty()
        && !name.startsWith("/")
        && !("/" + name + "/").contains("/../")
        && name.indexOf('\0') < 0;
  }
}
