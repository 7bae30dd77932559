package dev.fizzy.dataset.parquet;

import dev.fizzy.dataset.read.IdentityNames;
import dev.fizzy.dataset.read.PackedNames;
import dev.fizzy.file.NameBelow;
import dev.fizzy.image.ImageDecoder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images and identities of one Parquet file. Thread-safe. */
final class ParquetTable implements Closeable {
  static final int NO_IDENTITY = -1;
  private static final Logger log = LoggerFactory.getLogger(ParquetTable.class);

  private final ParquetFile file;
  private final Path folder;
  private final TableColumns columns;
  private final BytesColumn images;
  private final PackedNames names = new PackedNames();
  private int[] identities = new int[1024];
  private int count;

  /**
   * Reads the identities and names, one page at a time.
   *
   * @param known receives the names of the identities
   */
  static ParquetTable open(Path path, IdentityNames known) throws IOException {
    ParquetFile file = ParquetFile.open(path);
    boolean done = false;
    try {
      ParquetTable table = new ParquetTable(file, path, known);
      done = true;
      return table;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private ParquetTable(ParquetFile file, Path path, IdentityNames known) throws IOException {
    this.file = file;
    folder = path.toAbsolutePath().getParent();
    columns = TableColumns.of(file);
    log.debug("{}: {}", path, columns);
    images = columns.image() == null ? null : new BytesColumn(file, columns.image());
    ClassNames classes = ClassNames.of(file, columns.identity());
    for (int group = 0; group < file.groups(); group++) {
      if (columns.file() != null) {
        Values.read(file.chunk(group, columns.file()), name -> names.add(name == null ? "" : name));
      }
      Values.read(file.chunk(group, columns.identity()), value -> add(classes.name(value), known));
    }
  }

  private void add(String identity, IdentityNames known) {
    boolean none = identity == null || identity.isBlank();
    identities = count == identities.length ? Arrays.copyOf(identities, 2 * count) : identities;
    identities[count++] = none ? NO_IDENTITY : known.code(identity);
  }

  int count() {
    return count;
  }

  /** The code of a row's identity in the names given to {@link #open}. */
  int identity(int row) {
    return identities[row];
  }

  /** The path in the table, else the number of the row. */
  String name(int row) {
    String name = columns.file() == null ? "" : names.get(row);
    return name.isEmpty() ? String.format("row%09d", row) : name;
  }

  byte[] bytes(int row) throws IOException {
    byte[] bytes = images == null ? null : images.get(row);
    if (bytes != null && bytes.length > 0) {
      return bytes;
    }
    String name = columns.file() == null ? "" : names.get(row);
    if (name.isEmpty()) {
      throw new IOException("the row has no image");
    }
    String fault = NameBelow.fault(name);
    if (fault != null) {
      throw new IOException(fault + ": " + name);
    }
    return ImageDecoder.read(folder.resolve(name));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
