package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks, before anything is computed, whether the result can be written. */
final class Outputs {
  private Outputs() {}

  static void checkFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new FileException(file + " is a folder; a file to write is wanted");
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
