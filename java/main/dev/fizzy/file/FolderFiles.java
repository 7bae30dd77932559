package dev.fizzy.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of a folder. */
public final class FolderFiles {
  private FolderFiles() {}

  /** The regular files directly in a folder whose names match a pattern, sorted. */
  public static List<Path> named(Pattern name, Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> name.matcher(file.getFileName().toString()).matches())
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }

  /** The same of a folder; of anything else, itself. */
  public static List<Path> namedOrItself(Pattern name, Path location) {
    return Files.isDirectory(location) ? named(name, location) : List.of(location);
  }
}
