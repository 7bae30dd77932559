package dev.fizzy.dataset.parquet;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/**
 * Writes {@link ManifestRow}s as Parquet: five required columns in plain encoding with gzip, one
 * page per column and row group. Only the format's structures come from a library, because
 * parquet-java's writer depends on Hadoop. One row group is in memory at a time.
 */
public final class ManifestWriter implements Closeable {
  static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int ROWS = 50_000;
  private static final int VERSION = 1;

  /** A column with the values of the current row group. */
  private record Column(String name, Type type, ByteArrayOutputStream values) {
    Column(String name, Type type) {
      this(name, type, new ByteArrayOutputStream());
    }

    void add(int value) {
      values.writeBytes(number(Integer.BYTES).putInt(value).array());
    }

    void add(long value) {
      values.writeBytes(number(Long.BYTES).putLong(value).array());
    }

    void add(String value) {
      byte[] text = value.getBytes(StandardCharsets.UTF_8);
      add(text.length);
      values.writeBytes(text);
    }

    private static ByteBuffer number(int bytes) {
      return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private final OutputStream out;
  private final Column file = new Column("file", Type.BYTE_ARRAY);
  private final Column label = new Column("label", Type.INT32);
  private final Column identity = new Column("identity", Type.BYTE_ARRAY);
  private final Column bytes = new Column("bytes", Type.INT64);
  private final Column sha256 = new Column("sha256", Type.BYTE_ARRAY);
  private final List<Column> columns = List.of(file, label, identity, bytes, sha256);
  private final List<RowGroup> groups = new ArrayList<>();
  private long position;
  private long total;
  private int rows;

  /**
   * @param out not closed
   */
  public ManifestWriter(OutputStream out) throws IOException {
    this.out = out;
    write(MAGIC);
  }

  private void write(byte[] part) throws IOException {
    out.write(part);
    position += part.length;
  }

  public void add(ManifestRow row) throws IOException {
    file.add(row.file());
    label.add(row.label());
    identity.add(row.identity());
    bytes.add(row.bytes());
    sha256.add(row.sha256());
    total++;
    if (++rows == ROWS) {
      endGroup();
    }
  }

  private void endGroup() throws IOException {
    if (rows == 0) {
      return;
    }
    List<ColumnChunk> chunks = new ArrayList<>();
    long size = 0;
    for (Column column : columns) {
      ColumnMetaData chunk = page(column);
      size += chunk.getTotal_uncompressed_size();
      ColumnChunk listed = new ColumnChunk(chunk.getData_page_offset());
      listed.setMeta_data(chunk);
      chunks.add(listed);
    }
    groups.add(new RowGroup(chunks, size, rows));
    rows = 0;
  }

  private ColumnMetaData page(Column column) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      column.values.writeTo(gzip);
    }
    PageHeader header = new PageHeader(PageType.DATA_PAGE, column.values.size(), zipped.size());
    header.setData_page_header(
        new DataPageHeader(rows, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    Util.writePageHeader(header, head);
    long begin = position;
    write(head.toByteArray());
    write(zipped.toByteArray());
    ColumnMetaData chunk =
        new ColumnMetaData(
            column.type,
            List.of(Encoding.PLAIN, Encoding.RLE),
            List.of(column.name),
            CompressionCodec.GZIP,
            rows,
            head.size() + column.values.size(),
            position - begin,
            begin);
    column.values.reset();
    return chunk;
  }

  private List<SchemaElement> schema() {
    List<SchemaElement> schema = new ArrayList<>();
    SchemaElement root = new SchemaElement("manifest");
    root.setNum_children(columns.size());
    schema.add(root);
    for (Column column : columns) {
      SchemaElement element = new SchemaElement(column.name);
      element.setType(column.type);
      element.setRepetition_type(FieldRepetitionType.REQUIRED);
      if (column.type == Type.BYTE_ARRAY) {
        element.setConverted_type(ConvertedType.UTF8);
      }
      schema.add(element);
    }
    return schema;
  }

  /** Writes the last row group and the footer. */
  @Override
  public void close() throws IOException {
    endGroup();
    FileMetaData meta = new FileMetaData(VERSION, schema(), total, groups);
    meta.setCreated_by("fizzy");
    ByteArrayOutputStream footer = new ByteArrayOutputStream();
    Util.writeFileMetaData(meta, footer);
    write(footer.toByteArray());
    write(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(footer.size())
            .array());
    write(MAGIC);
  }
}
