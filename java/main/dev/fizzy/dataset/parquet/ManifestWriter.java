package dev.fizzy.dataset.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.parquet.format.Type;

/** Writes {@link ManifestRow}s as Parquet: five columns, compressed. */
public final class ManifestWriter implements Closeable {
  private static final int ROWS = 50_000;

  private final ColumnBuffer file = ColumnBuffer.of("file", Type.BYTE_ARRAY);
  private final ColumnBuffer label = ColumnBuffer.of("label", Type.INT32);
  private final ColumnBuffer identity = ColumnBuffer.of("identity", Type.BYTE_ARRAY);
  private final ColumnBuffer bytes = ColumnBuffer.of("bytes", Type.INT64);
  private final ColumnBuffer sha256 = ColumnBuffer.digits("sha256");
  private final TableWriter table;

  /**
   * @param out not closed
   */
  public ManifestWriter(OutputStream out) throws IOException {
    List<ColumnBuffer> columns = List.of(file, label, identity, bytes, sha256);
    table = new TableWriter(out, "manifest", ROWS, columns);
  }

  public void add(ManifestRow row) throws IOException {
    file.add(row.file());
    label.add(row.label());
    identity.add(row.identity());
    bytes.add(row.bytes());
    sha256.add(row.sha256());
    table.endRow();
  }

  /** Writes the last row group and the footer. */
  @Override
  public void close() throws IOException {
    table.close();
  }
}
