package dev.fizzy.dataset.parquet;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Named vectors in a Parquet file, or in those of a folder in the order of their names. */
public final class VectorsTable implements AutoCloseable {
  private static final String ENDING = ".parquet";
  private static final Pattern PART = Pattern.compile(".*-\\d+-of-(\\d+)\\.parquet");

  private final List<Path> paths;
  private final List<VectorsFile> files = new ArrayList<>();
  private final List<Integer> firstRows = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final ThreadLocal<VectorsFile> current = new ThreadLocal<>();
  private int width;

  /** Whether a path is a Parquet file or a folder of them. */
  public static boolean isParquet(Path path) {
    if (!Files.isDirectory(path)) {
      return path.toString().endsWith(ENDING);
    }
    return !files(path).isEmpty();
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }

  /** Reads the names; throws if a part of the folder is missing. */
  public static VectorsTable open(Path path) {
    VectorsTable table =
        new VectorsTable(Files.isDirectory(path) ? complete(path, files(path)) : List.of(path));
    boolean done = false;
    try {
      table.open();
      done = true;
      return table;
    } finally {
      if (!done) {
        table.close();
      }
    }
  }

  private static List<Path> complete(Path folder, List<Path> files) {
    Matcher part = PART.matcher(files.get(0).toString());
    int parts = part.matches() ? Integer.parseInt(part.group(1)) : files.size();
    if (parts != files.size()) {
      throw new FileException(
          folder
              + " has "
              + files.size()
              + " of "
              + parts
              + " parts; finish it by the command that began it");
    }
    return files;
  }

  private VectorsTable(List<Path> paths) {
    this.paths = paths;
  }

  private void open() {
    for (Path path : paths) {
      try {
        VectorsFile file = VectorsFile.open(path);
        files.add(file);
        firstRows.add(names.size());
        names.addAll(file.names());
        if (width == 0) {
          width = file.width();
        }
        if (file.width() != width && file.width() != 0) {
          throw new IOException("its vectors have width " + file.width() + ", others " + width);
        }
      } catch (IOException e) {
        throw FileException.of("read", path, e);
      }
    }
    if (names.isEmpty()) {
      throw new FileException(paths.get(0).getParent() + " has no vector");
    }
  }

  public List<String> names() {
    return names;
  }

  public int width() {
    return width;
  }

  /** Copies vectors {@code from} to {@code from + count - 1} into an array at an offset. */
  public void read(int from, int count, float[] into, int offset) {
    Objects.checkFromIndexSize(from, count, names.size());
    for (int row = from; row < from + count; ) {
      int at = FirstRows.find(firstRows, row);
      int begin = row - firstRows.get(at);
      int rows = Math.min(from + count - row, files.get(at).names().size() - begin);
      try {
        current(files.get(at)).read(begin, rows, into, offset + (row - from) * width);
      } catch (IOException e) {
        throw FileException.of("read", paths.get(at), e);
      }
      row += rows;
    }
  }

  /** The number of files of which the calling thread keeps a row group. */
  long held() {
    return files.stream().filter(VectorsFile::holds).count();
  }

  /** The calling thread keeps a row group of one file only. */
  private VectorsFile current(VectorsFile file) {
    VectorsFile former = current.get();
    if (former != file) {
      if (former != null) {
        former.forget();
      }
      current.set(file);
    }
    return file;
  }

  @Override
  public void close() {
    for (int i = 0; i < files.size(); i++) {
      try {
        files.get(i).close();
      } catch (IOException e) {
        throw FileException.of("close", paths.get(i), e);
      }
    }
  }
}
