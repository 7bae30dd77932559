package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder an identity: {@code DIR/identity/image.png}, the image at any depth below its identity.
 * Labels number the identities' folders in the order of their names.
 */
public final class FolderImages implements LabelledImages {
  private final Path folder;
  private final List<String> names;
  private final List<String> classes;
  private final int[] labels;
  private final List<FaceFolder.Skipped> passedOver;

  /** Lists the folder; reads no image. */
  public static FolderImages open(Path folder) {
    return new FolderImages(FaceFolder.open(folder));
  }

  private FolderImages(FaceFolder faces) {
    folder = faces.folder();
    names = faces.names();
    classes = List.copyOf(new TreeSet<>(names.stream().map(this::identity).toList()));
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    labels = names.stream().mapToInt(name -> numbers.get(identity(name))).toArray();
    passedOver = new ArrayList<>(faces.unreadable());
    try (Stream<Path> below = Files.list(folder)) {
      below
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith(".") && !numbers.containsKey(name))
          .sorted()
          .forEach(name -> passedOver.add(new FaceFolder.Skipped(name, "a folder without images")));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }

  private String identity(String name) {
    int slash = name.indexOf('/');
    if (slash < 0) {
      throw new FileException(
          "the image "
              + name
              + " lies in "
              + folder
              + " itself; a folder an identity is wanted, identity/image");
    }
    return name.substring(0, slash);
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
  public List<FaceFolder.Skipped> passedOver() {
    return List.copyOf(passedOver);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
