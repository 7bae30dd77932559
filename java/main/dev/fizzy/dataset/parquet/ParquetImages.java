package dev.fizzy.dataset.parquet;

import dev.fizzy.dataset.read.IdentityNames;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FolderFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The images of Parquet files: encoded images in a column, or the paths of image files relative to
 * the Parquet file, with an identity in each row ({@link TableColumns}). The identities are the
 * names or numbers that occur, in their order.
 */
public final class ParquetImages implements LabeledImages {
  private static final Pattern NAME = Pattern.compile("(?i)[^._].*\\.(parquet|pq)");

  private final Path location;
  private final List<ParquetTable> tables = new ArrayList<>();

  /** Number of rows before each table, which has at least one, and of all. */
  private final List<Integer> begins = new ArrayList<>(List.of(0));

  private final IdentityNames identities = new IdentityNames();
  private List<String> classes;
  private int[] numbers;

  /** Reads a part of a file. */
  interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * @param location a Parquet file, or a folder of them
   */
  public static ParquetImages open(Path location) {
    ParquetImages images = new ParquetImages(location);
    boolean done = false;
    try {
      FolderFiles.namedOrItself(NAME, location).forEach(images::add);
      images.number();
      done = true;
      return images;
    } finally {
      if (!done) {
        images.close();
      }
    }
  }

  private ParquetImages(Path location) {
    this.location = location;
  }

  /** Whether the path is a Parquet file, or a folder with one. */
  public static boolean isParquet(Path location) {
    try {
      return Files.isDirectory(location)
          ? !FolderFiles.named(NAME, location).isEmpty()
          : Files.isRegularFile(location) && ParquetFile.isParquet(location);
    } catch (IOException e) {
      throw FileException.of("read", location, e);
    }
  }

  private void add(Path file) {
    try {
      ParquetTable table = damaged(() -> ParquetTable.open(file, identities));
      if (table.count() == 0) {
        table.close();
        return;
      }
      tables.add(table);
      begins.add(Math.addExact(count(), table.count()));
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** The decoders throw various unchecked exceptions on damaged files. */
  static <T> T damaged(Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (FileException e) {
      throw e;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException io) {
          throw new IOException(FileException.reason(io), e);
        }
      }
      throw new IOException("damaged: " + e.getMessage(), e);
    }
  }

  private void number() {
    classes = identities.sorted();
    numbers = identities.positions();
    if (classes.isEmpty()) {
      throw new FileException(
          location + " has no images with an identity; it has " + count() + " rows");
    }
  }

  private int table(int image) {
    int next = Collections.binarySearch(begins, image + 1);
    return (next < 0 ? -next - 1 : next) - 1;
  }

  @Override
  public int count() {
    return begins.get(begins.size() - 1);
  }

  @Override
  public String name(int image) {
    int table = table(image);
    return tables.get(table).name(image - begins.get(table));
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    int table = table(image);
    return tables.get(table).bytes(image - begins.get(table));
  }

  @Override
  public int classes() {
    return classes.size();
  }

  @Override
  public int label(int image) throws IOException {
    int table = table(image);
    int code = tables.get(table).identity(image - begins.get(table));
    if (code == ParquetTable.NO_IDENTITY) {
      throw new IOException("the row has no identity");
    }
    return numbers[code];
  }

  @Override
  public String className(int label) {
    return classes.get(label);
  }

  @Override
  public String toString() {
    return location.toString();
  }

  @Override
  public void close() {
    for (ParquetTable table : tables) {
      try {
        table.close();
      } catch (IOException e) {
        throw FileException.of("close", location, e);
      }
    }
  }
}
