package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as it lies in a file: nothing is read before it is asked for. Checked when made: every
 * element lies in the bytes.
 *
 * @param shape extents, outermost first; a scalar has none
 * @param strides elements from one index to the next in each dimension
 * @param bytes what it lies in, shared with others perhaps
 * @param begin where in the bytes its first element is
 * @param order of the bytes of an element
 */
public record StoredTensor(
    Safetensors.Type type,
    long[] shape,
    long[] strides,
    ByteSource bytes,
    long begin,
    ByteOrder order) {
  private static final int RANK = 64;

  /** Expanded tensors (stride 0) hold fewer bytes than elements; larger ones are refused. */
  private static final long EXPANDED = 1 << 16;

  public StoredTensor {
    if (shape.length != strides.length || shape.length > RANK || begin < 0) {
      throw bytes.fault(
          "has a tensor of " + shape.length + " extents and " + strides.length + " strides", begin);
    }
    long elements = 1;
    long last = 0;
    try {
      for (int i = 0; i < shape.length; i++) {
        if (shape[i] < 0 || strides[i] < 0) {
          throw new ArithmeticException();
        }
        elements = Math.multiplyExact(elements, shape[i]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), strides[i]));
      }
      long end =
          Math.addExact(begin, Math.multiplyExact(Math.addExact(last, 1), (long) type.bytes));
      long size = Math.multiplyExact(elements, (long) type.bytes);
      boolean expanded = size > bytes.size() && elements > EXPANDED;
      if (elements > 0 && (end > bytes.size() || expanded)) {
        throw new ArithmeticException();
      }
    } catch (ArithmeticException e) {
      throw bytes.fault(
          "has a tensor of type "
              + type
              + ", shape "
              + Arrays.toString(shape)
              + " and strides "
              + Arrays.toString(strides)
              + " that does not lie in its "
              + bytes.size()
              + " bytes",
          begin);
    }
  }

  /** Row by row from {@code begin} on, little-endian. */
  public static StoredTensor rows(
      Safetensors.Type type, long[] shape, ByteSource bytes, long begin) {
    return new StoredTensor(type, shape, rowStrides(shape), bytes, begin, ByteOrder.LITTLE_ENDIAN);
  }

  /** Strides of an array stored row by row (C order). Wrong, not failing, where they overflow. */
  public static long[] rowStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape[i]);
    }
    return strides;
  }

  /** Strides of an array stored column by column (Fortran order). */
  public static long[] columnStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = 0; i < shape.length; i++) {
      strides[i] = step;
      step *= Math.max(1, shape[i]);
    }
    return strides;
  }

  public long elements() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Whether the elements lie one after the other, row by row. */
  public boolean contiguous() {
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] > 1 && strides[i] != step) {
        return false;
      }
      step *= Math.max(1, shape[i]);
    }
    return true;
  }

  /** All elements row by row, as floats: doubles and integers are rounded. */
  public float[] floats() {
    long n = elements();
    if (n > Integer.MAX_VALUE - 8) {
      throw bytes.fault("has a tensor of " + n + " elements, too many for one array", begin);
    }
    float[] all = new float[(int) n];
    new TensorReader(this).next(all, all.length);
    return all;
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
