package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Filters as cuDNN wants them, [Cout, K, K, Cin] in the type of the activations. They lie so in
 * memory but for the type and for zeros; what is missing is made once per model if they may be
 * packed, otherwise in every run. A bf16 training reads the filters that its optimizer rounded.
 *
 * @param w [Cout, Cin, k, k] f32, in memory [Cout, k, k, Cin], see {@link CudaDevice#channelsLast}
 * @param extra K - k: rows and columns of zeros before the weights, 0 or 1
 */
record Filter(DType type, Weights weights, Launches launches, Tensor w, int extra) {
  private static final long ALIGN = 256;

  Filter {
    if (w.role() == Role.INPUT && w.dim(2) > 1) {
      throw new EngineException("the GPU takes filters from parameters, not from the input " + w);
    }
  }

  private int side() {
    return w.dim(2) + extra;
  }

  /** Whether the optimizer keeps the filters in the type of the activations. */
  private boolean isKept() {
    return type != DType.F32 && weights == Weights.NARROWED && w.role().isStored();
  }

  private boolean isRounded() {
    return type != DType.F32 && !isKept();
  }

  /** Whether the weights must be copied and cannot be used in place. */
  boolean isCopied() {
    return extra > 0 || isRounded();
  }

  private boolean mayPack() {
    return weights == Weights.PACKED && w.stage() == Stage.MODEL;
  }

  private long bytes(int rows, int columns) {
    return round((long) w.dim(0) * w.dim(1) * rows * columns * type.bytes);
  }

  private long resultBytes() {
    return isCopied() ? bytes(side(), side()) : 0;
  }

  /** With columns of zeros, without rows of them. */
  private long betweenBytes() {
    return extra > 0 ? bytes(w.dim(2), side()) : 0;
  }

  /** Rounded, without zeros. */
  private long roundedBytes() {
    return extra > 0 && isRounded() ? bytes(w.dim(2), w.dim(2)) : 0;
  }

  private long bytes() {
    return resultBytes() + betweenBytes() + roundedBytes();
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

  private Pointer source(Kernel.Addresses at) {
    return isKept() ? at.narrow(w) : at.of(w);
  }

  /** The address that cuDNN reads. */
  Pointer at(Kernel.Addresses at) {
    return isCopied() ? place(at) : source(at);
  }

  Runnable lay(Kernel.Addresses at) {
    Pointer result = place(at);
    Pointer between = after(result, resultBytes());
    Pointer rounded = extra > 0 ? after(between, betweenBytes()) : result;
    Pointer from = source(at);
    int cin = w.dim(1);
    int k = w.dim(2);
    int row = side() * cin;
    List<Runnable> steps = new ArrayList<>();
    if (isRounded()) {
      steps.add(launches.cast(DType.F32.code, type.code, from, rounded, w.elements()));
      from = rounded;
    }
    if (extra > 0) { // a column of zeros before each row, then a row of them before each filter
      steps.add(launches.zerosBefore(type, cin, from, between, (long) w.dim(0) * k, k * cin));
      steps.add(launches.zerosBefore(type, row, between, result, w.dim(0), k * row));
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
