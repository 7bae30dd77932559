package dev.fizzy.dataset.parquet;

import dev.fizzy.file.Memory;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/** The pages of a column in one row group. A row has one value or null, or a list of values. */
final class Chunk {
  private static final int SHORT_HEADER = 1 << 10;
  private static final int LONG_HEADER = 16 << 20;

  private final ParquetFile file;
  private final Column column;
  private final ColumnMetaData meta;
  private final long begin;
  private final long end;

  /**
   * A page and where it is.
   *
   * @param body offset of what follows the header
   */
  record Page(PageHeader header, long offset, long body) {
    boolean hasValues() {
      return header.isSetData_page_header() || header.isSetData_page_header_v2();
    }

    boolean isDictionary() {
      return header.getType() == PageType.DICTIONARY_PAGE && header.isSetDictionary_page_header();
    }

    int values() {
      return header.isSetData_page_header_v2()
          ? header.getData_page_header_v2().getNum_values()
          : header.getData_page_header().getNum_values();
    }

    long end() {
      return body + header.getCompressed_page_size();
    }
  }

  /**
   * Where a page with values is.
   *
   * @param first first row in the row group
   */
  record Place(long offset, int first, int rows) {}

  Chunk(ParquetFile file, Column column, ColumnMetaData meta, int rows) throws IOException {
    this.file = file;
    this.column = column;
    this.meta = meta;
    boolean dictionary =
        meta.isSetDictionary_page_offset()
            && meta.getDictionary_page_offset() > 0
            && meta.getDictionary_page_offset() < meta.getData_page_offset();
    begin = dictionary ? meta.getDictionary_page_offset() : meta.getData_page_offset();
    end = Math.addExact(begin, meta.getTotal_compressed_size());
    long values = meta.getNum_values();
    boolean all = column.isList() ? values >= 0 && values <= Integer.MAX_VALUE : values == rows;
    if (begin < 0 || end < begin || !all) {
      throw new IOException(
          "the column "
              + column
              + " has "
              + values
              + " values in "
              + meta.getTotal_compressed_size()
              + " bytes for "
              + rows
              + " rows");
    }
  }

  Column column() {
    return column;
  }

  String creator() {
    return file.creator();
  }

  long begin() {
    return begin;
  }

  long end() {
    return end;
  }

  /** Number of values; that of rows unless the column is a list. */
  int rows() {
    return (int) meta.getNum_values();
  }

  /** Lists the pages with values without reading the values. */
  List<Place> places() throws IOException {
    List<Place> places = new ArrayList<>();
    int row = 0;
    for (long at = begin; row < rows(); ) {
      Page page = page(at);
      if (page.hasValues()) {
        if (page.values() < 0 || page.values() > rows() - row) {
          throw new IOException("a page announces " + page.values() + " values");
        }
        places.add(new Place(at, row, page.values()));
        row += page.values();
      }
      at = page.end();
    }
    return places;
  }

  /** Reads the header of the page at an offset. */
  Page page(long offset) throws IOException {
    if (offset >= end) {
      throw new EOFException("the pages of the column " + column + " end before its last row");
    }
    try {
      return page(offset, SHORT_HEADER);
    } catch (IOException e) {
      return page(offset, LONG_HEADER); // statistics may have any length
    }
  }

  private Page page(long offset, int limit) throws IOException {
    byte[] bytes = file.bytes(offset, (int) Math.min(limit, end - offset));
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    PageHeader header = header(in, offset);
    Page page = new Page(header, offset, offset + bytes.length - in.available());
    int packed = header.getCompressed_page_size();
    int unpacked = header.getUncompressed_page_size();
    if (packed < 0 || unpacked < 0 || page.end() > end) {
      throw new IOException("a page announces " + packed + " bytes, " + unpacked + " decompressed");
    }
    return page;
  }

  private static PageHeader header(ByteArrayInputStream in, long offset) throws IOException {
    try {
      return Util.readPageHeader(in);
    } catch (IOException | RuntimeException e) {
      throw new IOException("the header of the page at " + offset + " is damaged", e);
    }
  }

  /** The stored bytes of a page, whose checksum is compared where the file has one. */
  byte[] stored(Page page) throws IOException {
    PageHeader header = page.header();
    Memory.require(
        "pages of " + header.getUncompressed_page_size() + " bytes in " + file,
        4.0 * header.getUncompressed_page_size());
    byte[] bytes = file.bytes(page.body(), header.getCompressed_page_size());
    if (header.isSetCrc()) {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      if ((int) crc.getValue() != header.getCrc()) {
        throw new IOException("the checksum of the page at " + page.offset() + " does not match");
      }
    }
    return bytes;
  }

  byte[] decompress(byte[] bytes, int size) throws IOException {
    return Codec.decompress(meta.getCodec(), bytes, size);
  }
}
