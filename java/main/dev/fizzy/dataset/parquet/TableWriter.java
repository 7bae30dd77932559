package dev.fizzy.dataset.parquet;

import io.airlift.compress.zstd.ZstdCompressor;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/**
 * Writes Parquet: required columns in plain encoding, one page per column and row group. Only the
 * format's structures come from a library, because parquet-java's writer depends on Hadoop. One row
 * group is in memory at a time.
 */
final class TableWriter implements Closeable {
  static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int BUFFER = 1 << 16;

  private final OutputStream out;
  private final String name;
  private final int groupRows;
  private final List<ColumnBuffer> columns;
  private final List<RowGroup> groups = new ArrayList<>();
  private long position;
  private long total;
  private int rows;

  /**
   * @param out not closed
   * @param name of the table
   * @param groupRows rows of a row group
   */
  TableWriter(OutputStream out, String name, int groupRows, List<ColumnBuffer> columns)
      throws IOException {
    this.out = out;
    this.name = name;
    this.groupRows = groupRows;
    this.columns = columns;
    write(MAGIC, MAGIC.length);
  }

  private void write(byte[] part, int length) throws IOException {
    out.write(part, 0, length);
    position += length;
  }

  /** Ends a row, whose values are in the columns. */
  void endRow() throws IOException {
    total++;
    if (++rows == groupRows) {
      endGroup();
    }
  }

  private void endGroup() throws IOException {
    if (rows == 0) {
      return;
    }
    List<ColumnChunk> chunks = new ArrayList<>();
    long size = 0;
    for (ColumnBuffer column : columns) {
      ColumnMetaData chunk = page(column);
      size += chunk.getTotal_uncompressed_size();
      ColumnChunk listed = new ColumnChunk(chunk.getData_page_offset());
      listed.setMeta_data(chunk);
      chunks.add(listed);
    }
    groups.add(new RowGroup(chunks, size, rows));
    rows = 0;
  }

  private ColumnMetaData page(ColumnBuffer column) throws IOException {
    ByteBuffer page = column.page(rows);
    ByteBuffer stored =
        switch (column.codec()) {
          case ZSTD -> zstd(page);
          case GZIP -> gzip(page);
          default -> page;
        };
    int values = column.values(rows);
    PageHeader header = new PageHeader(PageType.DATA_PAGE, page.limit(), stored.limit());
    header.setData_page_header(
        new DataPageHeader(values, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    Util.writePageHeader(header, head);
    long begin = position;
    write(head.toByteArray(), head.size());
    write(stored.array(), stored.limit());
    return new ColumnMetaData(
        column.type(),
        List.of(Encoding.PLAIN, Encoding.RLE),
        column.path(),
        column.codec(),
        values,
        head.size() + page.limit(),
        position - begin,
        begin);
  }

  private static ByteBuffer zstd(ByteBuffer page) {
    ZstdCompressor zstd = new ZstdCompressor();
    byte[] into = new byte[zstd.maxCompressedLength(page.limit())];
    int length = zstd.compress(page.array(), 0, page.limit(), into, 0, into.length);
    return ByteBuffer.wrap(into, 0, length);
  }

  /** Without a search for repetitions. */
  private static ByteBuffer gzip(ByteBuffer page) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new HuffmanOnly(zipped)) {
      gzip.write(page.array(), 0, page.limit());
    }
    return ByteBuffer.wrap(zipped.toByteArray());
  }

  private static final class HuffmanOnly extends GZIPOutputStream {
    HuffmanOnly(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setStrategy(Deflater.HUFFMAN_ONLY);
    }
  }

  /** Writes the last row group and the footer. */
  @Override
  public void close() throws IOException {
    endGroup();
    List<SchemaElement> schema = new ArrayList<>();
    schema.add(new SchemaElement(name).setNum_children(columns.size()));
    columns.forEach(column -> schema.addAll(column.schema()));
    FileMetaData meta = new FileMetaData(VERSION, schema, total, groups);
    meta.setCreated_by("fizzy");
    ByteArrayOutputStream footer = new ByteArrayOutputStream();
    Util.writeFileMetaData(meta, footer);
    write(footer.toByteArray(), footer.size());
    byte[] length =
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(footer.size())
            .array();
    write(length, length.length);
    write(MAGIC, MAGIC.length);
  }
}
