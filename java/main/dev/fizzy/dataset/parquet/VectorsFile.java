package dev.fizzy.dataset.parquet;

import dev.fizzy.file.Memory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * The named vectors of one Parquet file: a column of text and one of lists of float32, all of the
 * same length. The row group that a thread has read last is kept until {@link #forget}.
 * Thread-safe.
 */
final class VectorsFile implements Closeable {
  private final ParquetFile file;
  private final Column vectors;
  private final List<String> names = new ArrayList<>();
  private final List<Integer> firstRows = new ArrayList<>();
  private final ThreadLocal<Group> last = new ThreadLocal<>();
  private int width;

  /** A decoded row group. */
  private record Group(int index, float[] values) {}

  /** Reads the names. */
  static VectorsFile open(Path path) throws IOException {
    ParquetFile file = ParquetFile.open(path);
    boolean done = false;
    try {
      VectorsFile opened = new VectorsFile(file);
      done = true;
      return opened;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private VectorsFile(ParquetFile file) throws IOException {
    this.file = file;
    vectors = column("lists of float32", VectorsFile::isVector);
    Column name = column("text", column -> column.isBytes() && column.isText() && !column.isList());
    for (int i = 0; i < file.groups(); i++) {
      firstRows.add(names.size());
      Values.read(file.chunk(i, name), text -> names.add(text == null ? "" : text));
      int rows = file.rows(i);
      int count = file.chunk(i, vectors).rows();
      if (rows > 0 && width == 0) {
        width = count / rows;
      }
      if ((long) rows * width != count || rows > 0 && width == 0) {
        throw new IOException(
            "its column " + vectors + " has " + count + " values in " + rows + " rows");
      }
    }
  }

  private static boolean isVector(Column column) {
    return column.isList()
        && column.descriptor().getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.FLOAT;
  }

  private Column column(String what, Predicate<Column> wanted) throws IOException {
    return file.columns().stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new IOException("it has no column of " + what));
  }

  List<String> names() {
    return names;
  }

  /** Width of the vectors; 0 without rows. */
  int width() {
    return width;
  }

  /** Copies rows {@code from} to {@code from + count - 1}. */
  void read(int from, int count, float[] into, int offset) throws IOException {
    for (int row = from; row < from + count; ) {
      Group group = group(FirstRows.find(firstRows, row));
      int first = firstRows.get(group.index);
      int rows = Math.min(from + count, first + group.values.length / width) - row;
      System.arraycopy(
          group.values, (row - first) * width, into, offset + (row - from) * width, rows * width);
      row += rows;
    }
  }

  private Group group(int wanted) throws IOException {
    Group group = last.get();
    if (group == null || group.index != wanted) {
      Chunk chunk = file.chunk(wanted, vectors);
      Memory.require("a row group of " + file, (double) chunk.rows() * Float.BYTES);
      group = new Group(wanted, ParquetImages.damaged(() -> decode(Pages.values(chunk), chunk)));
      last.set(group);
    }
    return group;
  }

  private float[] decode(ColumnReader reader, Chunk chunk) throws IOException {
    float[] values = new float[chunk.rows()];
    int present = chunk.column().descriptor().getMaxDefinitionLevel();
    for (int i = 0; i < values.length; i++) {
      boolean begins = reader.getCurrentRepetitionLevel() == 0;
      if (reader.getCurrentDefinitionLevel() != present || begins != (i % width == 0)) {
        throw new IOException("row " + i / width + " has no vector of width " + width);
      }
      values[i] = reader.getFloat();
      reader.consume();
    }
    return values;
  }

  /** Whether the calling thread keeps a row group. */
  boolean holds() {
    return last.get() != null;
  }

  /** Drops the row group that the calling thread has read last. */
  void forget() {
    last.remove();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
