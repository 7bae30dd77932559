package dev.fizzy.dataset.parquet;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
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
 * Reads columns of Parquet files as {@link ManifestWriter} writes them: required values in plain
 * encoding, with gzip or without compression. Files with other features are rejected, and the
 * message names the feature.
 */
final class ManifestReader {
  private static final int TAIL = 8;
  private static final int FOOTER_LIMIT = 16 << 20;
  private static final int PAGE_LIMIT = 64 << 20;

  private final Path file;
  private final FileChannel channel;
  private final long size;

  /** Takes the values of one column, in order. */
  interface Texts {
    void add(String value) throws IOException;
  }

  /** Takes the values of one column, in order. */
  interface Numbers {
    void add(int value) throws IOException;
  }

  private ManifestReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
  }

  static boolean isParquet(Path file) throws IOException {
    try (var in = InputFile.stream(file)) {
      return Arrays.equals(in.readNBytes(ManifestWriter.MAGIC.length), ManifestWriter.MAGIC);
    }
  }

  /** Reads the columns file and label. */
  static void read(Path file, Texts files, Numbers labels) {
    try (FileChannel channel = InputFile.channel(file)) {
      new ManifestReader(file, channel).read(files, labels);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    } catch (FileException e) {
      throw e;
    } catch (RuntimeException e) {
      // The library throws various unchecked exceptions on damaged files.
      throw new FileException("cannot read " + file + ": damaged: " + e.getMessage(), e);
    }
  }

  private void read(Texts files, Numbers labels) throws IOException {
    FileMetaData meta = footer();
    int fileColumn = column(meta, "file", Type.BYTE_ARRAY);
    int labelColumn = column(meta, "label", Type.INT32);
    for (RowGroup group : meta.getRow_groups()) {
      for (int c : new int[] {fileColumn, labelColumn}) {
        if (c >= group.getColumns().size()) {
          throw new IOException("a row group has " + group.getColumns().size() + " columns");
        }
        ColumnMetaData chunk = group.getColumns().get(c).getMeta_data();
        for (ByteBuffer values : pages(chunk)) {
          while (values.hasRemaining()) {
            if (c == labelColumn) {
              labels.add(number(values));
            } else {
              files.add(text(values));
            }
          }
        }
      }
    }
  }

  private static int number(ByteBuffer values) throws IOException {
    if (values.remaining() < Integer.BYTES) {
      throw new EOFException("a page ends inside a number");
    }
    return values.getInt();
  }

  private static String text(ByteBuffer values) throws IOException {
    int length = number(values);
    if (length < 0 || length > values.remaining()) {
      throw new EOFException("a text of " + length + " bytes extends beyond its page");
    }
    byte[] text = new byte[length];
    values.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private ByteBuffer bytes(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || length > size - offset) {
      throw new EOFException(
          length + " bytes at " + offset + " extend beyond the end of the file at " + size);
    }
    ByteBuffer into = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    while (into.hasRemaining()) {
      if (channel.read(into, offset + into.position()) < 0) {
        throw new EOFException("the file was truncated while being read");
      }
    }
    return into.flip();
  }

  private FileMetaData footer() throws IOException {
    ByteBuffer tail = bytes(size - TAIL, TAIL);
    long length = tail.getInt() & 0xffffffffL;
    byte[] magic = new byte[ManifestWriter.MAGIC.length];
    tail.get(magic);
    if (!Arrays.equals(magic, ManifestWriter.MAGIC)) {
      throw new IOException("the file does not end like a Parquet file");
    }
    if (length > FOOTER_LIMIT || length > size - TAIL - ManifestWriter.MAGIC.length) {
      throw new IOException("the footer announces " + length + " bytes at " + (size - TAIL));
    }
    byte[] footer = bytes(size - TAIL - length, length).array();
    return Util.readFileMetaData(new ByteArrayInputStream(footer), Math.max(1, footer.length));
  }

  private int column(FileMetaData meta, String name, Type type) {
    List<SchemaElement> schema = meta.getSchema();
    for (int i = 1; i < schema.size(); i++) {
      SchemaElement element = schema.get(i);
      if (element.getNum_children() > 0) {
        throw new FileException(file + " has nested columns, which are not supported");
      }
      if (name.equals(element.getName())) {
        if (element.getType() != type
            || element.getRepetition_type() != FieldRepetitionType.REQUIRED) {
          throw new FileException(
              file
                  + ": the column "
                  + name
                  + " is "
                  + element.getRepetition_type()
                  + " "
                  + element.getType()
                  + "; REQUIRED "
                  + type
                  + " is expected, as `fizzy make manifest` writes it");
        }
        return i - 1;
      }
    }
    throw new FileException(file + " has no column " + name);
  }

  private List<ByteBuffer> pages(ColumnMetaData chunk) throws IOException {
    CompressionCodec codec = chunk.getCodec();
    if (codec != CompressionCodec.GZIP && codec != CompressionCodec.UNCOMPRESSED) {
      throw new FileException(
          file + " is compressed with " + codec + "; supported are GZIP and no compression");
    }
    long length = chunk.getTotal_compressed_size();
    if (length > PAGE_LIMIT) {
      throw new IOException("a column of " + length + " bytes in one row group");
    }
    byte[] bytes = bytes(chunk.getData_page_offset(), length).array();
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    List<ByteBuffer> pages = new ArrayList<>();
    while (in.available() > 0) {
      PageHeader header = Util.readPageHeader(in);
      boolean plain =
          header.getType() == PageType.DATA_PAGE
              && header.getData_page_header() != null
              && header.getData_page_header().getEncoding() == Encoding.PLAIN;
      if (!plain) {
        throw new FileException(
            file
                + " holds "
                + header.getType()
                + " that are not in plain encoding; `fizzy make manifest` writes a readable file");
      }
      int packed = header.getCompressed_page_size();
      int unpacked = header.getUncompressed_page_size();
      if (packed < 0 || packed > in.available() || unpacked < 0 || unpacked > PAGE_LIMIT) {
        throw new IOException(
            "a page announces " + packed + " bytes, " + unpacked + " decompressed");
      }
      byte[] page = in.readNBytes(packed);
      pages.add(
          ByteBuffer.wrap(codec == CompressionCodec.GZIP ? unpack(page, unpacked) : page)
              .order(ByteOrder.LITTLE_ENDIAN));
    }
    return pages;
  }

  private static byte[] unpack(byte[] page, int announced) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(page))) {
      byte[] values = in.readNBytes(announced);
      if (values.length != announced || in.read() >= 0) {
        throw new IOException(
            "a page does not decompress to the " + announced + " bytes announced");
      }
      return values;
    }
  }
}
