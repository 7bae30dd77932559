package dev.fizzy.weights;

import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the elements of a stored tensor of any type and strides sequentially in row-major order.
 */
public final class TensorReader {
  private static final int STEP = 1 << 18; // bytes per read

  private final StoredTensor tensor;
  private final ByteBuffer part;
  private final long count;
  private final boolean contiguous;
  private ByteBuffer strided;
  private long[] index;
  private long done;

  public TensorReader(StoredTensor tensor) {
    this.tensor = tensor;
    this.count = tensor.elements();
    this.contiguous = tensor.contiguous();
    int size = tensor.type().bytes;
    long bytes = Math.max(size, Math.min(STEP, count * size));
    this.part = ByteBuffer.allocate((int) bytes).order(tensor.order());
  }

  /** Reads at most {@code n} next elements as floats and returns their number; 0 at the end. */
  public int next(float[] out, int n) {
    int got = 0;
    while (got < n && done < count) {
      int here = fill(n - got);
      convert(out, got, here);
      got += here;
    }
    return got;
  }

  /** Reads the next elements as doubles, which are exact except for integers above 2^53. */
  public int next(double[] out) {
    int got = 0;
    while (got < out.length && done < count) {
      int here = fill(out.length - got);
      for (int i = 0; i < here; i++) {
        out[got + i] = element();
      }
      got += here;
    }
    return got;
  }

  /**
   * Reads as many next elements as fit as little-endian f32 and returns their number. Elements that
   * are already little-endian f32 are copied.
   */
  public int next(ByteBuffer out) {
    if (!contiguous
        || tensor.type() != Safetensors.Type.F32
        || tensor.order() != ByteOrder.LITTLE_ENDIAN) {
      float[] part = new float[Math.min(STEP, out.remaining()) / Float.BYTES];
      int n = next(part, part.length);
      out.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(part, 0, n);
      out.position(out.position() + n * Float.BYTES);
      return n;
    }
    int n = (int) Math.min(out.remaining() / Float.BYTES, count - done);
    int limit = out.limit();
    out.limit(out.position() + n * Float.BYTES);
    read(tensor.begin() + done * Float.BYTES, out);
    out.limit(limit);
    done += n;
    return n;
  }

  private void read(long at, ByteBuffer into) {
    try {
      tensor.bytes().read(at, into);
    } catch (IOException e) {
      throw new FileException(
          "cannot read " + tensor.bytes().name() + ": " + FileException.reason(e), e);
    }
  }

  private int fill(int wanted) {
    int size = tensor.type().bytes;
    int n = (int) Math.min(Math.min(wanted, part.capacity() / size), count - done);
    part.clear().limit(n * size);
    try {
      if (contiguous) {
        tensor.bytes().read(tensor.begin() + done * size, part);
      } else {
        gather(n, size);
      }
    } catch (IOException e) {
      throw new FileException(
          "cannot read " + tensor.bytes().name() + ": " + FileException.reason(e), e);
    }
    part.flip();
    done += n;
    return n;
  }

  private void gather(int n, int size) throws IOException {
    int rank = tensor.shape().length;
    if (strided == null) {
      long last = 0;
      for (int i = 0; i < rank; i++) {
        last += (tensor.shape()[i] - 1) * tensor.strides()[i];
      }
      if ((last + 1) * size > Integer.MAX_VALUE - 8) {
        throw tensor
            .bytes()
            .fault("has a strided tensor over " + (last + 1) * size + " bytes", tensor.begin());
      }
      strided = tensor.bytes().view(tensor.begin(), (int) ((last + 1) * size));
      index = new long[rank];
    }
    long at = 0;
    for (int i = 0; i < rank; i++) {
      at += index[i] * tensor.strides()[i];
    }
    for (int k = 0; k < n; k++) {
      int from = (int) at * size;
      for (int b = 0; b < size; b++) {
        part.put(strided.get(from + b));
      }
      for (int i = rank - 1; i >= 0; i--) {
        at += tensor.strides()[i];
        if (++index[i] < tensor.shape()[i]) {
          break;
        }
        at -= tensor.shape()[i] * tensor.strides()[i];
        index[i] = 0;
      }
    }
  }

  private void convert(float[] out, int from, int n) {
    switch (tensor.type()) {
      case F32 -> part.asFloatBuffer().get(out, from, n);
      case BF16 -> {
        for (int i = from; i < from + n; i++) {
          out[i] = Floats.fromBf16(part.getShort());
        }
      }
      case F16 -> {
        for (int i = from; i < from + n; i++) {
          out[i] = Floats.fromF16(part.getShort());
        }
      }
      default -> {
        for (int i = from; i < from + n; i++) {
          out[i] = (float) element();
        }
      }
    }
  }

  private double element() {
    return switch (tensor.type()) {
      case F64 -> part.getDouble();
      case F32 -> part.getFloat();
      case F16 -> Floats.fromF16(part.getShort());
      case BF16 -> Floats.fromBf16(part.getShort());
      case I64 -> part.getLong();
      case I32 -> part.getInt();
      case I16 -> part.getShort();
      case I8 -> part.get();
      case U64 -> unsigned(part.getLong());
      case U32 -> part.getInt() & 0xffffffffL;
      case U16 -> part.getShort() & 0xffff;
      case U8, BOOL -> part.get() & 255;
    };
  }

  static double unsigned(long bits) {
    return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
  }
}
