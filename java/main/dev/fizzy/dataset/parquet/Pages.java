package dev.fizzy.dataset.parquet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.VersionParser.VersionParseException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Pages for the decoders of parquet-column, read one at a time. */
final class Pages implements PageReader {
  private static final PrimitiveConverter UNUSED = new PrimitiveConverter() {};

  private final Chunk chunk;
  private final int values;
  private long at;
  private int read;

  /** The values of a whole chunk. */
  static ColumnReader values(Chunk chunk) {
    return reader(new Pages(chunk, chunk.begin(), chunk.rows()));
  }

  /** The values of one page. */
  static ColumnReader values(Chunk chunk, Chunk.Place page) {
    return reader(new Pages(chunk, page.offset(), page.rows()));
  }

  private static ColumnReader reader(Pages pages) {
    return new ColumnReaderImpl(
        pages.chunk.column().descriptor(), pages, UNUSED, version(pages.chunk.creator()));
  }

  /** Old writers made mistakes that the decoders correct. */
  private static ParsedVersion version(String creator) {
    try {
      return creator == null ? null : VersionParser.parse(creator);
    } catch (VersionParseException e) {
      return null;
    }
  }

  private Pages(Chunk chunk, long at, int values) {
    this.chunk = chunk;
    this.at = at;
    this.values = values;
  }

  @Override
  public long getTotalValueCount() {
    return values;
  }

  @Override
  public DictionaryPage readDictionaryPage() {
    try {
      Chunk.Page page = chunk.page(chunk.begin());
      if (!page.isDictionary()) {
        return null;
      }
      byte[] bytes =
          chunk.decompress(chunk.stored(page), page.header().getUncompressed_page_size());
      int size = page.header().getDictionary_page_header().getNum_values();
      if (size < 0 || size > bytes.length) {
        throw new IOException("a dictionary of " + size + " values in " + bytes.length + " bytes");
      }
      return new DictionaryPage(
          BytesInput.from(bytes),
          size,
          encoding(page.header().getDictionary_page_header().getEncoding()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public DataPage readPage() {
    try {
      Chunk.Page page = chunk.page(at);
      while (!page.hasValues() || page.values() == 0) {
        page = chunk.page(page.end());
      }
      at = page.end();
      if (page.values() < 0 || page.values() > values - read) {
        throw new IOException("a page announces " + page.values() + " values");
      }
      read += page.values();
      return page.header().isSetData_page_header_v2() ? version2(page) : version1(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DataPage version1(Chunk.Page page) throws IOException {
    DataPageHeader header = page.header().getData_page_header();
    int size = page.header().getUncompressed_page_size();
    return new DataPageV1(
        BytesInput.from(chunk.decompress(chunk.stored(page), size)),
        header.getNum_values(),
        size,
        null,
        encoding(header.getRepetition_level_encoding()),
        encoding(header.getDefinition_level_encoding()),
        encoding(header.getEncoding()));
  }

  /** The levels precede the values and are not compressed. */
  private DataPage version2(Chunk.Page page) throws IOException {
    PageHeader outer = page.header();
    DataPageHeaderV2 header = outer.getData_page_header_v2();
    byte[] stored = chunk.stored(page);
    int repetitions = header.getRepetition_levels_byte_length();
    int definitions = header.getDefinition_levels_byte_length();
    long levels = (long) repetitions + definitions;
    int size = outer.getUncompressed_page_size();
    if (repetitions < 0 || definitions < 0 || levels > Math.min(stored.length, size)) {
      throw new IOException("a page of " + stored.length + " bytes has levels of " + levels);
    }
    int begin = (int) levels;
    byte[] data = Arrays.copyOfRange(stored, begin, stored.length);
    boolean compressed = !header.isSetIs_compressed() || header.isIs_compressed();
    return DataPageV2.uncompressed(
        header.getNum_rows(),
        header.getNum_nulls(),
        header.getNum_values(),
        BytesInput.from(stored, 0, repetitions),
        BytesInput.from(stored, repetitions, definitions),
        encoding(header.getEncoding()),
        BytesInput.from(compressed ? chunk.decompress(data, size - begin) : data),
        null);
  }

  private static Encoding encoding(org.apache.parquet.format.Encoding encoding) throws IOException {
    if (encoding == null) {
      throw new IOException("its values are encoded in a way that is not known");
    }
    return Encoding.valueOf(encoding.name());
  }
}
