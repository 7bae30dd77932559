package dev.fizzy.dataset.recordio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * MXNet's {@code IRHeader}, at the beginning of a record's content: little-endian {@code u32 flag,
 * f32 label, u64 id, u64 id2}; where the flag is not 0, so many f32 labels follow and the one in
 * the header means nothing.
 *
 * @param labels one, or as many as the flag says
 * @param several whether the labels follow the header, as the flag says; an identity record's do
 * @param size bytes of the header with the labels behind it
 */
record RecordHeader(float[] labels, boolean several, long id, int size) {
  /** Bytes without the labels that follow. */
  static final int BYTES = 24;

  /** Whole numbers up to here are exact as f32. */
  static final int LABEL_LIMIT = 1 << 24;

  private static final int FLOAT_LABEL = 4;
  private static final int ID = 8;

  /** Reads the header at the content's beginning. */
  static RecordHeader parse(byte[] content) throws IOException {
    return parse(content, content.length);
  }

  /**
   * @param start at least the header and the labels behind it that are wanted
   * @param length of the whole content in bytes
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

  /** An image's header. */
  static byte[] image(int label, long id) {
    return new RecordHeader(new float[] {label}, false, id, BYTES).bytes();
  }

  /** A header with two labels and no image: the whole set's record 0, or an identity's. */
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

  /** The first label as a whole number from 0. */
  int label() throws IOException {
    return whole(0, LABEL_LIMIT);
  }

  /**
   * @param limit the label must be below
   */
  int whole(int index, int limit) throws IOException {
    float label = index < labels.length ? labels[index] : Float.NaN;
    if (!(label >= 0 && label < limit) || label != Math.rint(label)) {
      throw new IOException("the label " + label + " is not a whole number below " + limit);
    }
    return (int) label;
  }
}
