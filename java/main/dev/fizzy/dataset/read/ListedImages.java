package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Images of a folder whose people a table names: CSV with a header and the columns {@code file},
 * the path below the folder, and {@code identity}; others are passed over, and so are rows without
 * an identity. Labels number the identities in the order of their names.
 */
public final class ListedImages implements LabelledImages {
  private final Path folder;
  private final Path list;
  private final List<String> names;
  private final List<String> classes;
  private final int[] labels;
  private final List<FaceFolder.Skipped> passedOver;

  /** Reads the list; a file that it names and the folder lacks is passed over. */
  public static ListedImages open(Path folder, Path list) {
    if (!Files.isDirectory(folder)) {
      throw new FileException("the folder of faces " + folder + " does not exist");
    }
    Map<String, String> identities = new TreeMap<>(FaceLabels.table(list));
    identities.values().removeIf(Objects::isNull);
    if (identities.isEmpty()) {
      throw new FileException(
          list + " names no identity: CSV with the columns file and identity is wanted");
    }
    return new ListedImages(folder, list, identities);
  }

  private ListedImages(Path folder, Path list, Map<String, String> identities) {
    this.folder = folder;
    this.list = list;
    classes = List.copyOf(new TreeSet<>(identities.values()));
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    List<String> found = new ArrayList<>();
    List<FaceFolder.Skipped> missing = new ArrayList<>();
    for (String file : identities.keySet()) {
      if (Files.isRegularFile(folder.resolve(file))) {
        found.add(file);
      } else {
        missing.add(new FaceFolder.Skipped(file, "the list names it and the folder lacks it"));
      }
    }
    if (found.isEmpty()) {
      throw new FileException(
          "none of the "
              + missing.size()
              + " files that "
              + list
              + " names is in "
              + folder
              + "; the first: "
              + missing.get(0).name());
    }
    names = List.copyOf(found);
    passedOver = List.copyOf(missing);
    labels = names.stream().mapToInt(name -> numbers.get(identities.get(name))).toArray();
  }

  @Override
  public int count() {
    return names.size();
  }

  @Override
  public String name(int image) {
    return names.get(image);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return Files.readAllBytes(folder.resolve(names.get(image)));
  }

  @Override
  public int classes() {
    return classes.size();
  }

  @Override
  public int label(int image) {
    return labels[image];
  }

  @Override
  public String className(int label) {
    return classes.get(label);
  }

  @Override
  public List<FaceFolder.Skipped> passedOver() {
    return passedOver;
  }

  @Override
  public String toString() {
    return folder + " by " + list;
  }
}
