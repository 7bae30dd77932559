package dev.fizzy.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where results may be written. */
public final class OutputPath {
  private OutputPath() {}

  /** Throws if an output lies in the folder of an input, of which it would become a part. */
  public static void requireOutside(Path output, Path input) {
    if (Files.isDirectory(input) && real(output).startsWith(real(input))) {
      throw new FileException(
          "the output " + output + " lies in the input " + input + "; choose a folder outside it");
    }
  }

  /** The path without links, as far as it exists. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path known = absolute; known != null; known = known.getParent()) {
      try {
        return known.toRealPath().resolve(known.relativize(absolute)).normalize();
      } catch (IOException e) {
        // not there: its parent may be
      }
    }
    return absolute;
  }
}
