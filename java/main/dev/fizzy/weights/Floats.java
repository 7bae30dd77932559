package dev.fizzy.weights;

import dev.fizzy.engine.DType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Conversion of floats to and from the types of stored tensors. */
public final class Floats {
  private static final int STEP = 1 << 14;

  private Floats() {}

  static void write(OutputStream out, float[] values) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(STEP * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i += STEP) {
      int n = Math.min(STEP, values.length - i);
      part.asFloatBuffer().put(values, i, n);
      out.write(part.array(), 0, n * Float.BYTES);
    }
  }

  static void writeBf16(OutputStream out, float[] values) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(STEP * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i += STEP) {
      int n = Math.min(STEP, values.length - i);
      for (int k = 0; k < n; k++) {
        part.putShort(k * Short.BYTES, DType.bf16(values[i + k]));
      }
      out.write(part.array(), 0, n * Short.BYTES);
    }
  }

  /** Writes integers in -128..127. */
  static void writeI8(OutputStream out, float[] values) throws IOException {
    byte[] part = new byte[STEP];
    for (int i = 0; i < values.length; i += STEP) {
      int n = Math.min(STEP, values.length - i);
      for (int k = 0; k < n; k++) {
        part[k] = (byte) values[i + k];
      }
      out.write(part, 0, n);
    }
  }

  public static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
  public static float fromF16(short bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    float magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
