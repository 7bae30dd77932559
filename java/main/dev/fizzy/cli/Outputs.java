package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Checks, before anything is computed, that the result can be written. */
final class Outputs {
  private Outputs() {}

  /** The same for a file of contexts, whose ending says the format. */
  static void checkContexts(Path file) {
    OptionTypes.checked(() -> Contexts.checkWritable(file));
    checkFile(file);
  }

  /**
   * Also checks the ending, by which other commands recognize the file.
   *
   * @param ending such as ".json"
   */
  static void checkFile(Path file, String ending) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
      throw new OptionException(
          "the name of the file to write must end in " + ending + ": " + file);
    }
    checkFile(file);
  }

  static void checkFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new FileException(file + " is a folder; name a file to write");
    }
    Path folder = file.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new FileException(
          file + " cannot be written: " + folder + " is not a folder that can be written to");
    }
  }
}
