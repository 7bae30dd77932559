package dev.fizzy.dataset.recordio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * MXNet's {@code IRHeader}, at the beginning of a record's content: little-endian {@code u32 flag,
 * f32 label, u64 id, u64 id2}; if the flag is not 0, it is the number of f32 labels that follow,
 * and the label in the header is ignored.
 *
 * @param labels one label, or as many as the flag says
 * @param several whether labels follow the header, as in identity records
 * @param size bytes of the header and the labels after it
 */
record RecordHeader(float[] labels, boolean several, long id, int size) {
  /** Bytes of the header without the labels after it. */
  static final int BYTES = 24;

  /** Integers up to this one are exact as f32. */
  static final int LABEL_LIMIT = 1 << 24;

  private static final int FLOAT_LABEL = 4;
  private static final int ID = 8;

  /** Parses the header at the start of a record's content. */
  static RecordHeader parse(byte[] content) throws IOException {
    return parse(content, content.length);
  }

  /**
   * @param start at least the header and the needed labels after it
   * @param length bytes of the whole content
   */
  static RecordHeader parse(byte[] start, long length) throws IOException {
    if (length < BYTES || start.length < BYTES) {
      throw new IOException("a record of " + length + " bytes has no room for its header");
    }
    ByteBuffer in = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    long flag = in.getInt(0) & 0xffffffffL;
    if (flag > (length - BYTES) / Float.BYTES) {
      throw new IOException(
          "a record of " + length + " bytes announces " + flag + " labels, more than it holds");
    }
    int here = (int) Math.min(flag, (start.length - BYTES) / Float.BYTES);
    float[] labels = new float[flag == 0 ? 1 : here];
    if (flag == 0) {
      labels[0] = in.getFloat(FLOAT_LABEL);
    }
    for (int i = 0; i < here; i++) {
      labels[i] = in.getFloat(BYTES + i * Float.BYTES);
    }
    return new RecordHeader(labels, flag > 0, in.getLong(ID), BYTES + (int) flag * Float.BYTES);
  }

  /** The header of an image. */
  static byte[] image(int label, long id) {
    return new RecordHeader(new float[] {label}, false, id, BYTES).bytes();
  }

  /** A header with two labels and no image: record 0 of the set, or an identity record. */
  static byte[] range(long first, long end, long id) {
    return new RecordHeader(new float[] {first, end}, true, id, BYTES + 2 * Float.BYTES).bytes();
  }

  private byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(several ? labels.length : 0)
        .putFloat(several ? 0 : labels[0])
        .putLong(id)
        .putLong(0);
    if (several) {
      for (float label : labels) {
        out.putFloat(label);
      }
    }
    return out.array();
  }

  /** The first label as an integer, at least 0. */
  int label() throws IOException {
    return integer(0, LABEL_LIMIT);
  }

  /**
   * @param limit exclusive upper bound of the label
   */
  int integer(int index, int limit) throws IOException {
    float label = index < labels.length ? labels[index] : Float.NaN;
    if (!(label >= 0 && label < limit) || label != Math.rint(label)) {
      throw new IOException("the label " + label + " is not an integer from 0 to below " + limit);
    }
    return (int) label;
  }
}
