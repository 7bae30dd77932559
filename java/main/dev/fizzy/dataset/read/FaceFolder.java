package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;
import dev.fizzy.file.NameBelow;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The images below a folder, sorted by name. Names are paths relative to the folder with '/'.
 * Hidden files and folders, those that file managers and network drives create, and files with the
 * extension of another kind (text, tables, arrays) are ignored; every other file is assumed to be
 * an image until decoding fails. Links to files are followed; links to folders are skipped, because
 * they could add the same faces twice or faces from elsewhere.
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
          "sh",
          "db",
          "ini",
          "lnk",
          "url");

  /** The empty file that says that a cluster has completed an output. */
  private static final String COMPLETE = "_SUCCESS";

  /** Folders with thumbnails, metadata and deleted files of Synology, macOS, QNAP and Windows. */
  private static final Set<String> OTHER_FOLDERS =
      Set.of(
          "@eaDir",
          "#recycle",
          "#snapshot",
          "__MACOSX",
          "@Recycle",
          "@Recently-Snapshot",
          "$RECYCLE.BIN",
          "System Volume Information",
          "lost+found");

  private final Path folder;
  private final List<String> names;
  private final List<Skipped> skipped;

  private FaceFolder(Path folder, List<String> names, List<Skipped> skipped) {
    this.folder = folder;
    this.names = names;
    this.skipped = skipped;
  }

  /** Lists a folder without decoding images; throws if there are none. */
  public static FaceFolder open(Path folder) {
    FaceFolder found = search(folder);
    if (found.names.isEmpty()) {
      throw new FileException("there are no images in " + folder);
    }
    return found;
  }

  /** Lists a folder, which may have no images. */
  public static FaceFolder search(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FileException(
          "the folder of faces "
              + folder
              + (Files.exists(folder) ? " is not a folder" : " does not exist"));
    }
    List<String> names = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    try {
      Path root = folder.toRealPath();
      Files.walkFileTree(root, visitor(root, names, skipped));
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
    names.sort(Comparator.naturalOrder());
    skipped.sort(Comparator.comparing(Skipped::name));
    return new FaceFolder(folder, List.copyOf(names), List.copyOf(skipped));
  }

  private static SimpleFileVisitor<Path> visitor(
      Path folder, List<String> names, List<Skipped> skipped) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
        return dir.equals(folder) || mayHaveImages(dir.getFileName().toString())
            ? FileVisitResult.CONTINUE
            : FileVisitResult.SKIP_SUBTREE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        String name = name(folder, file);
        if (attributes.isSymbolicLink() && Files.isDirectory(file)) {
          if (mayHaveImages(file.getFileName().toString())) {
            skipped.add(new Skipped(name, "a link to a folder; name the folder itself to read it"));
          }
        } else if (Files.isRegularFile(file) && mayBeImage(file.getFileName().toString())) {
          String fault = fault(folder, name, file);
          if (fault == null) {
            names.add(name);
          } else {
            skipped.add(new Skipped(name, fault));
          }
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

  /** Why a file cannot be found by its name; null if it can. */
  private static String fault(Path folder, String name, Path file) {
    String fault = NameBelow.encodingFault(name);
    return fault != null || folder.resolve(name).equals(file) ? fault : NameBelow.NOT_TEXT;
  }

  private static String name(Path folder, Path file) {
    return folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
  }

  /** Whether a folder with this name is searched. */
  public static boolean mayHaveImages(String name) {
    return !name.startsWith(".") && !OTHER_FOLDERS.contains(name);
  }

  private static boolean mayBeImage(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && !name.equals(COMPLETE) && !OTHER.contains(ending);
  }

  /** The same folder with a subset of its images. */
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
   * Decodes one image, crops its centered square and resizes it.
   *
   * @throws IOException with the reason, if the image cannot be used
   */
  public Rgb decode(String name, int size) throws IOException {
    return ImageDecoder.square(ImageDecoder.read(folder.resolve(name)), size);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
