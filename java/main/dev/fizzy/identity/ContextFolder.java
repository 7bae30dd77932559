package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Contexts in a folder of one .npy file a face, named by its path without the ending. */
final class ContextFolder {
  private static final String ENDING = ".npy";

  private ContextFolder() {}

  static Contexts read(Path folder) {
    List<String> names = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    for (Path file : files(folder)) {
      try (TensorFile in = TensorFile.open(file)) {
        float[][] rows = ContextArrays.matrix(in, in.tensor(TensorFile.ARRAY));
        if (rows.length != 1) {
          throw new FileException(
              file + " has " + rows.length + " vectors; one a file is expected in a folder");
        }
        String name = folder.relativize(file).toString();
        names.add(name.substring(0, name.length() - ENDING.length()));
        vectors.add(rows[0]);
      }
    }
    return new Contexts(names, vectors.toArray(float[][]::new));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files =
          all.filter(file -> file.toString().endsWith(ENDING))
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new FileException("the folder " + folder + " has no .npy files, one a face");
      }
      return files;
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }
}
