package dev.fizzy.model.onnx;

import com.google.protobuf.CodedInputStream;
import dev.fizzy.weights.Floats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A constant of an ONNX file.
 *
 * @param dims empty for a scalar
 * @param floats the values of a floating-point type, else null
 * @param longs the values of an integer type, else null; both are null for other types and for
 *     values in another file
 */
record OnnxTensor(String name, long[] dims, float[] floats, long[] longs) {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int BFLOAT16 = 16;

  static OnnxTensor of(long... values) {
    return new OnnxTensor("", new long[] {values.length}, null, values);
  }

  /** The same values with other extents. */
  OnnxTensor as(long... extents) {
    return new OnnxTensor(name, extents, floats, longs);
  }

  long elements() {
    long n = 1;
    for (long d : dims) {
      n *= d;
    }
    return n;
  }

  /** The extent in dimension {@code i} as the engine counts. */
  int dim(int i) {
    return Math.toIntExact(dims[i]);
  }

  /** Reads a TensorProto, whose values are raw bytes or repeated numbers. */
  static OnnxTensor read(CodedInputStream in) throws IOException {
    List<Long> dims = new ArrayList<>();
    List<Number> numbers = new ArrayList<>();
    int[] type = {0};
    String[] name = {""};
    byte[][] raw = {null};
    OnnxFile.message(
        in,
        (field, value) -> {
          switch (field) {
            case 1 -> OnnxFile.packed(value, 0, v -> dims.add(v.readInt64()));
            case 2 -> type[0] = value.readInt32();
            case 4 -> OnnxFile.packed(value, 4, v -> numbers.add(v.readFloat()));
            case 5 -> OnnxFile.packed(value, 0, v -> numbers.add(v.readInt32()));
            case 7 -> OnnxFile.packed(value, 0, v -> numbers.add(v.readInt64()));
            case 8 -> name[0] = value.readString();
            case 9 -> raw[0] = value.readByteArray();
            case 10 -> OnnxFile.packed(value, 8, v -> numbers.add(v.readDouble()));
            default -> {
              return false;
            }
          }
          return true;
        });
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    OnnxTensor empty = new OnnxTensor(name[0], shape, null, null);
    int count = Math.toIntExact(empty.elements());
    boolean integers = type[0] == INT32 || type[0] == INT64;
    boolean known = integers || real(type[0]);
    int stored = raw[0] == null ? numbers.size() : raw[0].length / Math.max(1, bytes(type[0]));
    if (!known || stored != count) {
      return empty;
    }
    ByteBuffer bytes =
        raw[0] == null ? null : ByteBuffer.wrap(raw[0]).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = integers ? null : new float[count];
    long[] longs = integers ? new long[count] : null;
    for (int i = 0; i < count; i++) {
      if (integers) {
        longs[i] =
            bytes == null
                ? numbers.get(i).longValue()
                : type[0] == INT64 ? bytes.getLong(8 * i) : bytes.getInt(4 * i);
      } else {
        floats[i] = bytes == null ? real(type[0], numbers.get(i)) : real(type[0], bytes, i);
      }
    }
    return new OnnxTensor(name[0], shape, floats, longs);
  }

  private static boolean real(int type) {
    return type == FLOAT || type == DOUBLE || type == FLOAT16 || type == BFLOAT16;
  }

  private static int bytes(int type) {
    return switch (type) {
      case FLOAT, INT32 -> 4;
      case INT64, DOUBLE -> 8;
      case FLOAT16, BFLOAT16 -> 2;
      default -> 0;
    };
  }

  /** Half precision is stored as its bits in an integer. */
  private static float real(int type, Number stored) {
    return switch (type) {
      case FLOAT16 -> Floats.fromF16(stored.shortValue());
      case BFLOAT16 -> Floats.fromBf16(stored.shortValue());
      default -> stored.floatValue();
    };
  }

  private static float real(int type, ByteBuffer bytes, int i) {
    return switch (type) {
      case FLOAT16 -> Floats.fromF16(bytes.getShort(2 * i));
      case BFLOAT16 -> Floats.fromBf16(bytes.getShort(2 * i));
      case DOUBLE -> (float) bytes.getDouble(8 * i);
      default -> bytes.getFloat(4 * i);
    };
  }
}
