package dev.fizzy.file;

/** Names that a file gives to others: they are to lie below a folder, whoever wrote them. */
public final class NameBelow {
  private NameBelow() {}

  /** Whether a name with '/' between folders is one, and stays below the folder it is put to. */
  public static boolean isSafe(String name) {
    return !name.isEmpty()
        && !name.startsWith("/")
        && !("/" + name + "/").contains("/../")
        && name.indexOf('\0') < 0;
  }
}
