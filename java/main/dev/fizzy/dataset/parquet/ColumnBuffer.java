package dev.fizzy.dataset.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;

/** A required column of a file that is written: the values of the current row group, plain. */
final class ColumnBuffer {
  private static final int INITIAL = 1 << 16;

  /** Bits of a varint's byte. */
  private static final int BITS = 7;

  private final String name;
  private final Type type;
  private final int width;
  private final CompressionCodec codec;
  private ByteBuffer values = allocate(INITIAL);

  private ColumnBuffer(String name, Type type, int width, CompressionCodec codec) {
    this.name = name;
    this.type = type;
    this.width = width;
    this.codec = codec;
  }

  static ColumnBuffer of(String name, Type type) {
    return new ColumnBuffer(name, type, 0, CompressionCodec.ZSTD);
  }

  /** A column of hexadecimal digits without repetitions, for which gzip is the fastest. */
  static ColumnBuffer digits(String name) {
    return new ColumnBuffer(name, Type.BYTE_ARRAY, 0, CompressionCodec.GZIP);
  }

  /** A column of lists of {@code width} numbers, which are not compressed. */
  static ColumnBuffer lists(String name, int width) {
    return new ColumnBuffer(name, Type.FLOAT, width, CompressionCodec.UNCOMPRESSED);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer room(int bytes) {
    if (values.remaining() < bytes) {
      int wanted = Math.addExact(values.position(), bytes);
      values = allocate(Math.max(wanted, 2 * values.capacity())).put(values.flip());
    }
    return values;
  }

  void add(int value) {
    room(Integer.BYTES).putInt(value);
  }

  void add(long value) {
    room(Long.BYTES).putLong(value);
  }

  void add(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    room(Integer.BYTES + text.length).putInt(text.length).put(text);
  }

  void add(float[] list) {
    ByteBuffer into = room(width * Float.BYTES);
    into.asFloatBuffer().put(list, 0, width);
    into.position(into.position() + width * Float.BYTES);
  }

  Type type() {
    return type;
  }

  CompressionCodec codec() {
    return codec;
  }

  /** Number of values in a page of so many rows. */
  int values(int rows) {
    return width == 0 ? rows : Math.multiplyExact(rows, width);
  }

  /** The content of a page, uncompressed; empties the column. */
  ByteBuffer page(int rows) {
    byte[] levels = width == 0 ? new byte[0] : levels(rows);
    ByteBuffer page = allocate(levels.length + values.position());
    page.put(levels).put(values.flip()).flip();
    values.clear();
    return page;
  }

  /**
   * Where lists begin, and that no value is missing: runs of a level, each a varint of twice its
   * length and the level.
   */
  private byte[] levels(int rows) {
    ByteBuffer row = allocate(4 * BITS);
    run(row, 1, 0);
    if (width > 1) {
      run(row, width - 1, 1);
    }
    ByteBuffer present = allocate(2 * BITS);
    run(present, values(rows), 1);
    int repetition = rows * row.flip().limit();
    ByteBuffer levels = allocate(repetition + present.flip().limit() + 2 * Integer.BYTES);
    levels.putInt(repetition);
    for (int i = 0; i < rows; i++) {
      levels.put(row.duplicate());
    }
    return levels.putInt(present.limit()).put(present).array();
  }

  private static void run(ByteBuffer into, int length, int level) {
    long header = 2L * length;
    for (; header >= 1 << BITS; header >>>= BITS) {
      into.put((byte) (header | 1 << BITS));
    }
    into.put((byte) header).put((byte) level);
  }

  /** Names from the outermost group to the values. */
  List<String> path() {
    return width == 0 ? List.of(name) : List.of(name, "list", "element");
  }

  /** The elements of the file's schema. */
  List<SchemaElement> schema() {
    List<SchemaElement> schema = new ArrayList<>();
    if (width > 0) {
      SchemaElement list = element(name, FieldRepetitionType.REQUIRED).setNum_children(1);
      schema.add(list.setConverted_type(ConvertedType.LIST));
      schema.add(element("list", FieldRepetitionType.REPEATED).setNum_children(1));
    }
    SchemaElement leaf = element(path().get(path().size() - 1), FieldRepetitionType.REQUIRED);
    leaf.setType(type);
    if (type == Type.BYTE_ARRAY) {
      leaf.setConverted_type(ConvertedType.UTF8);
    }
    schema.add(leaf);
    return schema;
  }

  private static SchemaElement element(String name, FieldRepetitionType kind) {
    return new SchemaElement(name).setRepetition_type(kind);
  }
}
