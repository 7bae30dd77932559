package dev.fizzy.dataset.parquet;

import dev.fizzy.file.InputFile;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/** An open Parquet file: its columns and the chunks of its row groups. Thread-safe. */
final class ParquetFile implements Closeable {
  static final int FOOTER_LIMIT = 64 << 20;
  private static final int TAIL = 8;
  private static final byte[] ENCRYPTED = "PARE".getBytes();
  private static final byte[] MAGIC = TableWriter.MAGIC;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final FileMetaData meta;
  private final List<Column> columns;

  static boolean isParquet(Path file) throws IOException {
    try (var in = InputFile.stream(file)) {
      byte[] magic = in.readNBytes(MAGIC.length);
      return Arrays.equals(magic, MAGIC) || Arrays.equals(magic, ENCRYPTED);
    }
  }

  /** Reads the footer. */
  static ParquetFile open(Path path) throws IOException {
    FileChannel channel = InputFile.channel(path);
    boolean done = false;
    try {
      ParquetFile file = new ParquetFile(path, channel);
      done = true;
      return file;
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  private ParquetFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    size = channel.size();
    meta = footer();
    if (meta.isSetEncryption_algorithm()) {
      throw encrypted();
    }
    columns = Schema.columns(meta.getSchema());
  }

  private static IOException encrypted() {
    return new IOException("it is encrypted; write it without encryption");
  }

  private FileMetaData footer() throws IOException {
    ByteBuffer tail = ByteBuffer.wrap(bytes(size - TAIL, TAIL)).order(ByteOrder.LITTLE_ENDIAN);
    long length = tail.getInt() & 0xffffffffL;
    byte[] magic = new byte[MAGIC.length];
    tail.get(magic);
    if (Arrays.equals(magic, ENCRYPTED)) {
      throw encrypted();
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("the file does not end like a Parquet file");
    }
    if (length > FOOTER_LIMIT || length > size - TAIL - MAGIC.length) {
      throw new IOException("the footer announces " + length + " bytes at " + (size - TAIL));
    }
    byte[] footer = bytes(size - TAIL - length, (int) length);
    try {
      return Util.readFileMetaData(new ByteArrayInputStream(footer), Math.max(1, footer.length));
    } catch (IOException | RuntimeException e) {
      throw new IOException("its footer is damaged", e);
    }
  }

  /** The columns that have values, also those inside groups. */
  List<Column> columns() {
    return columns;
  }

  int groups() {
    return meta.getRow_groups().size();
  }

  /** Number of rows of a row group. */
  int rows(int group) throws IOException {
    long rows = meta.getRow_groups().get(group).getNum_rows();
    if (rows < 0 || rows > Integer.MAX_VALUE) {
      throw new IOException("row group " + group + " announces " + rows + " rows");
    }
    return (int) rows;
  }

  /** The program that wrote the file, or null. */
  String creator() {
    return meta.getCreated_by();
  }

  /** A text that the writing program added to the footer, or null. */
  String note(String key) {
    List<KeyValue> notes =
        meta.isSetKey_value_metadata() ? meta.getKey_value_metadata() : List.of();
    return notes.stream()
        .filter(note -> key.equals(note.getKey()))
        .map(KeyValue::getValue)
        .findFirst()
        .orElse(null);
  }

  /** The values of a column in one row group. */
  Chunk chunk(int group, Column column) throws IOException {
    RowGroup rows = meta.getRow_groups().get(group);
    if (column.index() >= rows.getColumnsSize()) {
      throw new IOException("row group " + group + " has " + rows.getColumnsSize() + " columns");
    }
    ColumnChunk chunk = rows.getColumns().get(column.index());
    if (chunk.isSetCrypto_metadata() || !chunk.isSetMeta_data()) {
      throw encrypted();
    }
    if (chunk.isSetFile_path()) {
      throw new IOException(
          "the values of the column " + column + " are in another file, " + chunk.getFile_path());
    }
    return new Chunk(this, column, chunk.getMeta_data(), rows(group));
  }

  byte[] bytes(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || length > size - offset) {
      throw new EOFException(
          length + " bytes at " + offset + " extend beyond the end of the file at " + size);
    }
    ByteBuffer into = ByteBuffer.allocate(length);
    while (into.hasRemaining()) {
      if (channel.read(into, offset + into.position()) < 0) {
        throw new EOFException("the file was truncated while being read");
      }
    }
    return into.array();
  }

  @Override
  public String toString() {
    return path.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
