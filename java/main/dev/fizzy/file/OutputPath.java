package dev.fizzy.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where results may be written. */
public final class OutputPath {
  private OutputPath() {}

  /** Throws if an output is inside the folder of an input. */
  public static void requireOutside(Path output, Path input) {
    if (Files.isDirectory(input) && real(output).startsWith(real(input))) {
      throw new FileException(
          "the output "
              + output
              + " is inside the input "
              + input
              + "; choose a folder outside it");
    }
  }

  /** The path with the links of its existing part resolved. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path known = absolute; known != null; known = known.getParent()) {
      try {
        return known.toRealPath().resolve(known.relativize(absolute)).normalize();
      } catch (IOException e) {
        // does not exist; try its parent
      }
    }
    return absolute;
  }
}
