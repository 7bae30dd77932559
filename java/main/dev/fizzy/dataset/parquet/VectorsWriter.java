package dev.fizzy.dataset.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.parquet.format.Type;

/** Writes named vectors as Parquet: a name and a list of float32. */
public final class VectorsWriter implements Closeable {
  static final String NAME = "name";
  static final String VECTOR = "vector";
  private static final int ROWS = 2048;

  private final ColumnBuffer names = ColumnBuffer.of(NAME, Type.BYTE_ARRAY);
  private final ColumnBuffer vectors;
  private final TableWriter table;

  /**
   * @param out not closed
   * @param width of the vectors
   */
  public VectorsWriter(OutputStream out, int width) throws IOException {
    vectors = ColumnBuffer.lists(VECTOR, width);
    List<ColumnBuffer> columns = List.of(names, vectors);
    table = new TableWriter(out, "vectors", ROWS, columns);
  }

  public void add(String name, float[] vector) throws IOException {
    names.add(name);
    vectors.add(vector);
    table.endRow();
  }

  /** Writes the last row group and the footer. */
  @Override
  public void close() throws IOException {
    table.close();
  }
}
