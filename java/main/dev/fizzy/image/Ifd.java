package dev.fizzy.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;

/**
 * The first directory of a TIFF file or of EXIF data, which have the same layout. Pointers to other
 * directories are not followed, so cycles are harmless. Entries with values beyond the end of the
 * data are skipped.
 *
 * @param from offset of the TIFF in the data
 */
record Ifd(ByteBuffer data, int from, TreeMap<Integer, Ifd.Entry> entries) {
  static final int ORIENTATION = 274;
  static final int XMP = 700;

  /** Bytes per value, by type; 0 for undefined types. */
  private static final int[] SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

  /**
   * A field.
   *
   * @param at offset of the field's 12 bytes
   * @param values offset of its values
   */
  record Entry(int type, int count, int at, int values) {}

  /**
   * Reads the directory of the TIFF in the {@code length} bytes from {@code from} on.
   *
   * @throws ImageException if there is no TIFF
   */
  static Ifd first(byte[] bytes, int from, int length) throws ImageException {
    int size = Math.min(length, bytes.length - from);
    if (size < 8
        || !Bytes.startsWith(bytes, from, "II*\0") && !Bytes.startsWith(bytes, from, "MM\0*")) {
      throw new ImageException("damaged: no TIFF header");
    }
    ByteBuffer data = ByteBuffer.wrap(bytes, 0, from + size);
    data.order(bytes[from] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    TreeMap<Integer, Entry> entries = new TreeMap<>();
    long directory = data.getInt(from + 4) & 0xffffffffL;
    if (directory < 8 || directory + 2 > size) {
      throw new ImageException("damaged: the TIFF directory is beyond the end");
    }
    int at = from + (int) directory;
    int count = data.getShort(at) & 0xffff;
    at += 2;
    for (int i = 0; i < count && at + 12 <= data.limit(); i++, at += 12) {
      add(data, from, at, entries);
    }
    return new Ifd(data, from, entries);
  }

  private static void add(ByteBuffer data, int from, int at, TreeMap<Integer, Entry> entries) {
    int type = data.getShort(at + 2) & 0xffff;
    long count = data.getInt(at + 4) & 0xffffffffL;
    long length = type < SIZES.length ? count * SIZES[type] : 0;
    long values = length <= 4 ? at + 8 : from + (data.getInt(at + 8) & 0xffffffffL);
    if (length > 0 && values + length <= data.limit()) {
      entries.putIfAbsent(
          data.getShort(at) & 0xffff, new Entry(type, (int) count, at, (int) values));
    }
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** The first value of an integer field, or {@code otherwise} if the field is missing. */
  long number(int tag, long otherwise) {
    Entry entry = entries.get(tag);
    return entry == null ? otherwise : number(entry, 0, otherwise);
  }

  /** The values of an integer field; empty if it is missing. */
  long[] numbers(int tag) {
    Entry entry = entries.get(tag);
    long[] values = new long[entry == null ? 0 : entry.count];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(entry, i, 0);
    }
    return values;
  }

  private long number(Entry entry, int i, long otherwise) {
    return switch (entry.type) {
      case 1 -> data.get(entry.values + i) & 255;
      case 3 -> data.getShort(entry.values + 2 * i) & 0xffff;
      case 4 -> data.getInt(entry.values + 4 * i) & 0xffffffffL;
      default -> otherwise;
    };
  }

  /** The value of a byte or text field as Latin-1; empty if it is missing. */
  String text(int tag) {
    Entry entry = entries.get(tag);
    return entry == null || SIZES[entry.type] != 1
        ? ""
        : Bytes.latin1(data.array(), entry.values, entry.count);
  }
}
