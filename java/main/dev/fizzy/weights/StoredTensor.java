package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in a file, read on demand. The constructor checks that every element is inside the
 * bytes.
 *
 * @param shape sizes, outermost dimension first; empty for a scalar
 * @param strides stride of each dimension in elements
 * @param bytes the bytes that contain it, possibly shared with other tensors
 * @param begin offset of the first element in the bytes
 * @param order byte order of the elements
 */
public record StoredTensor(
    Safetensors.Type type,
    long[] shape,
    long[] strides,
    ByteSource bytes,
    long begin,
    ByteOrder order) {
  private static final int RANK = 64;

  /**
   * Largest number of elements of an expanded tensor (stride 0), which has more elements than
   * bytes.
   */
  private static final long EXPANDED = 1 << 16;

  public StoredTensor {
    if (shape.length != strides.length || shape.length > RANK || begin < 0) {
      throw bytes.fault(
          "has a tensor of " + shape.length + " dimensions and " + strides.length + " strides",
          begin);
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
              + " that is not inside its "
              + bytes.size()
              + " bytes",
          begin);
    }
  }

  /** A contiguous little-endian tensor from {@code begin} on. */
  public static StoredTensor rows(
      Safetensors.Type type, long[] shape, ByteSource bytes, long begin) {
    return new StoredTensor(type, shape, rowStrides(shape), bytes, begin, ByteOrder.LITTLE_ENDIAN);
  }

  /** Strides of a row-major array (C order). They silently overflow for huge shapes. */
  public static long[] rowStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, shape[i]);
    }
    return strides;
  }

  /** Strides of a column-major array (Fortran order). */
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

  /** Whether the elements are contiguous in row-major order. */
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

  /** All elements in row-major order as floats; doubles and integers are rounded. */
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
