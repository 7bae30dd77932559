package dev.fizzy.dataset.parquet;

import io.airlift.compress.Compressor;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.snappy.SnappyCompressor;
import io.airlift.compress.zstd.ZstdCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.statistics.geospatial.GeospatialStatistics;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.GroupWriter;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Writes Parquet files with any schema; parquet-column encodes the pages. */
final class TableFile {
  private final MessageType schema;
  private final CompressionCodec codec;
  private final ParquetProperties properties;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<RowGroup> groups = new ArrayList<>();
  private final Map<String, String> notes = new LinkedHashMap<>();
  private boolean checksums;

  /**
   * @param pages largest number of rows in a page
   */
  TableFile(
      String schema, CompressionCodec codec, boolean version2, boolean dictionary, int pages) {
    this.schema = MessageTypeParser.parseMessageType(schema);
    this.codec = codec;
    properties =
        ParquetProperties.builder()
            .withWriterVersion(version2 ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0)
            .withDictionaryEncoding(dictionary)
            .withPageRowCountLimit(pages)
            .build();
    out.writeBytes(TableWriter.MAGIC);
  }

  static TableFile plain(String schema) {
    return new TableFile(schema, CompressionCodec.UNCOMPRESSED, false, false, 100);
  }

  TableFile withChecksums() {
    checksums = true;
    return this;
  }

  TableFile note(String key, String value) {
    notes.put(key, value);
    return this;
  }

  /** Adds a row group. */
  TableFile group(int rows, BiConsumer<Integer, Group> row) {
    Map<ColumnDescriptor, Pages> pages = new LinkedHashMap<>();
    schema.getColumns().forEach(column -> pages.put(column, new Pages()));
    PageWriteStore store = pages::get;
    ColumnWriteStore columns = properties.newColumnWriteStore(schema, store);
    MessageColumnIO io = new ColumnIOFactory().getColumnIO(schema);
    GroupWriter writer = new GroupWriter(io.getRecordWriter(columns), schema);
    for (int i = 0; i < rows; i++) {
      Group group = new SimpleGroup(schema);
      row.accept(i, group);
      writer.write(group);
      columns.endRecord();
    }
    columns.flush();
    List<ColumnChunk> chunks = new ArrayList<>();
    pages.forEach((column, written) -> chunks.add(chunk(column, written)));
    groups.add(new RowGroup(chunks, out.size(), rows));
    return this;
  }

  private ColumnChunk chunk(ColumnDescriptor column, Pages pages) {
    long begin = out.size();
    out.writeBytes(pages.dictionary.toByteArray());
    long data = out.size();
    out.writeBytes(pages.data.toByteArray());
    ColumnMetaData meta =
        new ColumnMetaData(
            type(column.getPrimitiveType().getPrimitiveTypeName().name()),
            List.of(Encoding.PLAIN),
            Arrays.asList(column.getPath()),
            codec,
            pages.values,
            out.size() - begin,
            out.size() - begin,
            data);
    if (data > begin) {
      meta.setDictionary_page_offset(begin);
    }
    ColumnChunk chunk = new ColumnChunk(begin);
    chunk.setMeta_data(meta);
    return chunk;
  }

  private static Type type(String name) {
    return Type.valueOf(name.equals("BINARY") ? "BYTE_ARRAY" : name);
  }

  byte[] bytes() {
    List<SchemaElement> elements = new ArrayList<>();
    SchemaElement root = new SchemaElement("schema");
    root.setNum_children(schema.getFieldCount());
    elements.add(root);
    elements(schema, elements);
    long rows = groups.stream().mapToLong(RowGroup::getNum_rows).sum();
    FileMetaData meta = new FileMetaData(1, elements, rows, groups);
    notes.forEach(
        (key, value) -> {
          KeyValue note = new KeyValue(key);
          note.setValue(value);
          meta.addToKey_value_metadata(note);
        });
    try {
      ByteArrayOutputStream footer = new ByteArrayOutputStream();
      Util.writeFileMetaData(meta, footer);
      out.writeBytes(footer.toByteArray());
      ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      out.writeBytes(tail.putInt(footer.size()).array());
      out.writeBytes(TableWriter.MAGIC);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void elements(GroupType group, List<SchemaElement> into) {
    for (org.apache.parquet.schema.Type field : group.getFields()) {
      SchemaElement element = new SchemaElement(field.getName());
      element.setRepetition_type(FieldRepetitionType.valueOf(field.getRepetition().name()));
      into.add(element);
      if (field.isPrimitive()) {
        element.setType(type(field.asPrimitiveType().getPrimitiveTypeName().name()));
        if (field.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation) {
          element.setConverted_type(ConvertedType.UTF8);
        }
      } else {
        element.setNum_children(field.asGroupType().getFieldCount());
        elements(field.asGroupType(), into);
      }
    }
  }

  private static Encoding encoding(org.apache.parquet.column.Encoding encoding) {
    return Encoding.valueOf(encoding.name());
  }

  private byte[] compress(byte[] bytes) throws IOException {
    Compressor compressor =
        switch (codec) {
          case SNAPPY -> new SnappyCompressor();
          case ZSTD -> new ZstdCompressor();
          case LZ4_RAW -> new Lz4Compressor();
          default -> null;
        };
    if (codec == CompressionCodec.GZIP) {
      ByteArrayOutputStream zipped = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
        gzip.write(bytes);
      }
      return zipped.toByteArray();
    }
    if (compressor == null) {
      return bytes;
    }
    byte[] packed = new byte[compressor.maxCompressedLength(bytes.length)];
    int length = compressor.compress(bytes, 0, bytes.length, packed, 0, packed.length);
    return Arrays.copyOf(packed, length);
  }

  /** The pages of one column in one row group. */
  private final class Pages implements PageWriter {
    private final ByteArrayOutputStream dictionary = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private long values;

    private void write(PageHeader header, byte[] body, ByteArrayOutputStream into)
        throws IOException {
      if (checksums) {
        CRC32 crc = new CRC32();
        crc.update(body);
        header.setCrc((int) crc.getValue());
      }
      Util.writePageHeader(header, into);
      into.writeBytes(body);
    }

    @Override
    public void writePage(
        BytesInput bytes,
        int count,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      byte[] page = bytes.toByteArray();
      byte[] packed = compress(page);
      PageHeader header = new PageHeader(PageType.DATA_PAGE, page.length, packed.length);
      header.setData_page_header(
          new DataPageHeader(
              count, encoding(encoding), encoding(definition), encoding(repetition)));
      write(header, packed, data);
      values += count;
    }

    @Override
    public void writePage(
        BytesInput bytes,
        int count,
        int rows,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      writePage(bytes, count, statistics, repetition, definition, encoding);
    }

    @Override
    public void writePage(
        BytesInput bytes,
        int count,
        int rows,
        Statistics<?> statistics,
        SizeStatistics sizes,
        GeospatialStatistics places,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      writePage(bytes, count, statistics, repetition, definition, encoding);
    }

    @Override
    public void writePageV2(
        int rows,
        int nulls,
        int count,
        BytesInput repetitions,
        BytesInput definitions,
        org.apache.parquet.column.Encoding encoding,
        BytesInput bytes,
        Statistics<?> statistics,
        SizeStatistics sizes,
        GeospatialStatistics places)
        throws IOException {
      writePageV2(rows, nulls, count, repetitions, definitions, encoding, bytes, statistics);
    }

    @Override
    public void writePageV2(
        int rows,
        int nulls,
        int count,
        BytesInput repetitions,
        BytesInput definitions,
        org.apache.parquet.column.Encoding encoding,
        BytesInput bytes,
        Statistics<?> statistics)
        throws IOException {
      byte[] page = bytes.toByteArray();
      byte[] packed = compress(page);
      int levels = (int) (repetitions.size() + definitions.size());
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.writeBytes(repetitions.toByteArray());
      body.writeBytes(definitions.toByteArray());
      body.writeBytes(packed);
      PageHeader header =
          new PageHeader(PageType.DATA_PAGE_V2, levels + page.length, levels + packed.length);
      header.setData_page_header_v2(
          new DataPageHeaderV2(
              count,
              nulls,
              rows,
              encoding(encoding),
              (int) definitions.size(),
              (int) repetitions.size()));
      write(header, body.toByteArray(), data);
      values += count;
    }

    @Override
    public void writeDictionaryPage(DictionaryPage page) throws IOException {
      byte[] bytes = page.getBytes().toByteArray();
      byte[] packed = compress(bytes);
      PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, bytes.length, packed.length);
      header.setDictionary_page_header(
          new DictionaryPageHeader(page.getDictionarySize(), encoding(page.getEncoding())));
      write(header, packed, dictionary);
    }

    @Override
    public long getMemSize() {
      return data.size();
    }

    @Override
    public long allocatedSize() {
      return data.size();
    }

    @Override
    public String memUsageString(String prefix) {
      return prefix;
    }
  }
}
