package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Weights [Cout, Cin, k, k] f32 as cuDNN wants them, [Cout, K, K, Cin] in the type of the
 * activations: converted once per model if they may be packed, otherwise in every run.
 *
 * @param extra K - k: rows and columns of zeros before the weights, 0 or 1
 */
record Filter(DType type, boolean packed, Launches launches, Tensor w, int extra) {
  private static final long ALIGN = 256;

  private int side() {
    return w.dim(2) + extra;
  }

  private boolean isTurned() {
    return side() > 1;
  }

  private boolean isNarrowed() {
    return type != DType.F32;
  }

  /** Whether the weights must be copied and cannot be used in place. */
  boolean isCopied() {
    return isTurned() || isNarrowed();
  }

  private boolean mayPack() {
    return packed && w.role().isStored();
  }

  private long elements() {
    return (long) w.dim(0) * w.dim(1) * side() * side();
  }

  private long resultBytes() {
    return isCopied() ? round(elements() * type.bytes) : 0;
  }

  /** One of two f32 buffers for the intermediate steps. */
  private long betweenBytes() {
    return isTurned() && (isNarrowed() || extra > 0) ? round(elements() * Float.BYTES) : 0;
  }

  private long bytes() {
    return resultBytes() + (extra > 0 ? 2 : 1) * betweenBytes();
  }

  long packedBytes() {
    return mayPack() ? bytes() : 0;
  }

  long scratchBytes() {
    return mayPack() ? 0 : bytes();
  }

  private Pointer place(Kernel.Addresses at) {
    return mayPack() ? at.packed() : at.scratch();
  }

  /** The address that cuDNN reads. */
  Pointer at(Kernel.Addresses at) {
    return isCopied() ? place(at) : at.of(w);
  }

  Runnable lay(Kernel.Addresses at) {
    Pointer from = at.of(w);
    Pointer to = place(at);
    Pointer one = betweenBytes() > 0 ? after(to, resultBytes()) : to;
    Pointer two = after(one, betweenBytes());
    Pointer last = isNarrowed() ? one : to;
    int cout = w.dim(0);
    int cin = w.dim(1);
    int k = w.dim(2);
    int row = side() * cin;
    long n = elements();
    List<Runnable> steps = new ArrayList<>();
    if (isTurned()) {
      steps.add(launches.transpose(from, one, cout, cin, k * k));
    }
    if (extra > 0) { // a column of zeros before each row, then a row of them before each filter
      steps.add(launches.zerosBefore(cin, one, two, (long) cout * k, k * cin));
      steps.add(launches.zerosBefore(row, two, last, cout, k * row));
    }
    if (isNarrowed()) {
      steps.add(launches.cast(DType.F32.code, type.code, isTurned() ? one : from, to, n));
    }
    return Launches.inOrder(steps);
  }

  static long round(long bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
  }

  static Pointer after(Pointer memory, long bytes) {
    return memory == null ? null : new BytePointer(memory).getPointer(bytes);
  }
}
