package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The images below a folder, sorted by their names, which are paths relative to it with '/' between
 * folders. Hidden files and files that are plainly something else (text, tables, arrays) are passed
 * over; every other file is taken for an image until decoding it fails.
 */
public final class FaceFolder implements ImageSource {
  private static final Set<String> OTHER =
      Set.of(
          "txt",
          "md",
          "csv",
          "tsv",
          "json",
          "jsonl",
          "html",
          "xml",
          "log",
          "npy",
          "npz",
          "safetensors",
          "onnx",
          "pt",
          "pth",
          "ckpt",
          "zip",
          "tar",
          "gz",
          "lst",
          "idx",
          "rec",
          "bin",
          "parquet",
          "py",
          "sh");

  private final Path folder;
  private final List<String> names;
  private final List<Skipped> skipped;

  private FaceFolder(Path folder, List<String> names, List<Skipped> skipped) {
    this.folder = folder;
    this.names = names;
    this.skipped = skipped;
  }

  /** Lists the folder; decodes nothing. */
  public static FaceFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FileException(
          "the folder of faces "
              + folder
              + (Files.exists(folder) ? " is not a folder" : " does not exist"));
    }
    List<String> names = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          visitor(folder, names, skipped));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
    names.sort(Comparator.naturalOrder());
    skipped.sort(Comparator.comparing(Skipped::name));
    if (names.isEmpty()) {
      throw new FileException("there are no images in " + folder);
    }
    return new FaceFolder(folder, List.copyOf(names), List.copyOf(skipped));
  }

  private static SimpleFileVisitor<Path> visitor(
      Path folder, List<String> names, List<Skipped> skipped) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
        boolean hidden = !dir.equals(folder) && dir.getFileName().toString().startsWith(".");
        return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile() && mayBeImage(file.getFileName().toString())) {
          names.add(name(folder, file));
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        if (file.equals(folder)) {
          throw e;
        }
        skipped.add(new Skipped(name(folder, file), FileException.reason(e)));
        return FileVisitResult.CONTINUE;
      }
    };
  }

  private static String name(Path folder, Path file) {
    return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  private static boolean mayBeImage(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && !OTHER.contains(ending);
  }

  /** The same folder with some of its images alone. */
  public FaceFolder only(Set<String> wanted) {
    return new FaceFolder(folder, names.stream().filter(wanted::contains).toList(), List.of());
  }

  public Path folder() {
    return folder;
  }

  public List<String> names() {
    return names;
  }

  /** Files and folders that could not be listed. */
  @Override
  public List<Skipped> skipped() {
    return skipped;
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

  /**
   * Decodes one image, cuts out its centred square and scales that.
   *
   * @throws IOException with the reason where it cannot be used
   */
  public Rgb decode(String name, int size) throws IOException {
    return Resampler.resize(ImageDecoder.decode(folder.resolve(name)).square(), size, size);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
