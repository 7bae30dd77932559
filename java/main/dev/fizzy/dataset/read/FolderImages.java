package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.NameBelow;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The image files of a folder, labeled by their subfolders or by a table. Labels are the indices of
 * the identities sorted by name.
 */
public final class FolderImages implements LabeledImages {
  private final Path folder;
  private final String description;
  private final List<String> names;
  private final List<String> classes;
  private final int[] labels;
  private final List<Skipped> skipped;

  /**
   * Lists a folder with one subfolder per identity, {@code DIR/identity/image.png}; images may be
   * at any depth below their identity. Reads no image.
   */
  public static FolderImages open(Path folder) {
    FaceFolder faces = FaceFolder.open(folder);
    SortedMap<String, String> identities = new TreeMap<>();
    faces.names().forEach(name -> identities.put(name, identity(folder, name)));
    Set<String> withImages = new HashSet<>(identities.values());
    List<Skipped> skipped = new ArrayList<>(faces.skipped());
    try (Stream<Path> below = Files.list(folder)) {
      below
          .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .map(path -> path.getFileName().toString())
          .filter(name -> FaceFolder.mayHaveImages(name) && !withImages.contains(name))
          .sorted()
          .forEach(name -> skipped.add(new Skipped(name, "a folder without images")));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
    return new FolderImages(folder, folder.toString(), identities, skipped);
  }

  private static String identity(Path folder, String name) {
    String identity = FaceLabels.identity(name);
    if (identity == null) {
      throw new FileException(
          "the image "
              + name
              + " is in "
              + folder
              + " itself; expected one folder per identity: identity/image");
    }
    return identity;
  }

  /**
   * Lists the images in a table: CSV with a header and the columns {@code file}, the path relative
   * to the folder, and {@code identity}. Files that are not in the table and rows without an
   * identity are ignored; files that are not in the folder are skipped.
   */
  public static FolderImages open(Path folder, Path list) {
    if (!Files.isDirectory(folder)) {
      throw new FileException("the folder of faces " + folder + " does not exist");
    }
    SortedMap<String, String> identities = new TreeMap<>(FaceLabels.table(list));
    identities.values().removeIf(Objects::isNull);
    if (identities.isEmpty()) {
      throw new FileException(
          list + " has no identities: expected CSV with the columns file and identity");
    }
    List<Skipped> missing = new ArrayList<>();
    for (String file : identities.keySet()) {
      String fault = NameBelow.fault(file);
      if (fault != null) {
        missing.add(new Skipped(file, "the list names it, but " + fault));
      } else if (!Files.isRegularFile(folder.resolve(file))) {
        missing.add(new Skipped(file, "the list names it, but the folder does not contain it"));
      }
    }
    if (missing.size() == identities.size()) {
      throw new FileException(
          "none of the "
              + missing.size()
              + " files that "
              + list
              + " names is in "
              + folder
              + "; the first: "
              + missing.get(0));
    }
    missing.forEach(file -> identities.remove(file.name()));
    return new FolderImages(folder, folder + " by " + list, identities, missing);
  }

  /**
   * @param identities identity of each file by its path relative to the folder
   */
  private FolderImages(
      Path folder,
      String description,
      SortedMap<String, String> identities,
      List<Skipped> skipped) {
    this.folder = folder;
    this.description = description;
    this.skipped = List.copyOf(skipped);
    names = List.copyOf(identities.keySet());
    classes = List.copyOf(new TreeSet<>(identities.values()));
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    labels = identities.values().stream().mapToInt(numbers::get).toArray();
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
    return ImageDecoder.read(folder.resolve(names.get(image)));
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
  public List<Skipped> skipped() {
    return skipped;
  }

  @Override
  public String toString() {
    return description;
  }
}
