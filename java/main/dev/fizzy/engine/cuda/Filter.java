package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Weights [Cout, Cin, k, k] f32 as cuDNN wants them, [Cout, k, k, Cin] in the type of the
 * activations: laid out once a model where they may be packed, and else in every run.
 */
record Filter(DType type, boolean packed, Pointer stream, Tensor w) {
  private static final long ALIGN = 256;

  private boolean isTurned() {
    return w.dim(2) * w.dim(3) > 1;
  }

  private boolean isNarrowed() {
    return type != DType.F32;
  }

  /** Whether the weights cannot be used where they lie. */
  boolean isCopied() {
    return isTurned() || isNarrowed();
  }

  private boolean mayPack() {
    return packed && w.role() == Role.PARAMETER;
  }

  private long resultBytes() {
    return isCopied() ? round(w.elements() * type.bytes) : 0;
  }

  /** The turned weights in f32, before they are narrowed. */
  private long betweenBytes() {
    return isTurned() && isNarrowed() ? round(w.bytes()) : 0;
  }

  long packedBytes() {
    return mayPack() ? resultBytes() + betweenBytes() : 0;
  }

  long scratchBytes() {
    return mayPack() ? 0 : resultBytes() + betweenBytes();
  }

  private Pointer place(Kernel.Addresses at) {
    return mayPack() ? at.packed() : at.scratch();
  }

  /** Where cuDNN finds them. */
  Pointer at(Kernel.Addresses at) {
    return isCopied() ? place(at) : at.of(w);
  }

  Runnable lay(Kernel.Addresses at) {
    Pointer from = at.of(w);
    Pointer to = place(at);
    Pointer between = betweenBytes() > 0 ? after(to, resultBytes()) : to;
    int f32 = DType.F32.code;
    int cout = w.dim(0);
    int cin = w.dim(1);
    int window = w.dim(2) * w.dim(3);
    long n = w.elements();
    boolean turned = isTurned();
    boolean narrowed = isNarrowed();
    return () -> {
      if (turned) {
        CudaKernels.transpose(f32, from, between, cout, cin, window, stream);
      }
      if (narrowed) {
        CudaKernels.cast(f32, type.code, turned ? between : from, to, n, stream);
      }
    };
  }

  static long round(long bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
  }

  static Pointer after(Pointer memory, long bytes) {
    return memory == null ? null : new BytePointer(memory).getPointer(bytes);
  }
}
