package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.kernels.Native;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An operation that oneDNN computes: a native primitive and the operands that it is bound to. */
final class OneDnnKernel implements Kernel {
  private static final Logger log = LoggerFactory.getLogger(OneDnnKernel.class);
  private static final Cleaner CLEANER = Cleaner.create();

  /**
   * Tensors in the order of {@code primitive_bind}; null for operands that an operation does not
   * have.
   *
   * @param first x, dy or a
   * @param second w, dy or b
   * @param slope of PReLU
   * @param reach of the input, in integers
   */
  record Operands(
      Tensor first,
      Tensor second,
      Tensor bias,
      Tensor residual,
      Tensor slope,
      Tensor reach,
      Tensor output,
      Tensor dBias) {
    /** Without PReLU, in floats. */
    Operands(
        Tensor first, Tensor second, Tensor bias, Tensor residual, Tensor output, Tensor dBias) {
      this(first, second, bias, residual, null, null, output, dBias);
    }
  }

  private final Native.Primitive primitive;
  private final Operands operands;

  OneDnnKernel(Native.Primitive primitive, Operands operands) {
    this.primitive = primitive;
    this.operands = operands;
    CLEANER.register(this, () -> Native.primitive_free(primitive));
    log.debug("{} from {}: {}", operands.output, operands.first, implementation());
  }

  @Override
  public Runnable bind(Addresses at) {
    return new Replay(bound(at));
  }

  @Override
  public Runnable pack(Addresses at) {
    return packedBytes() == 0 ? null : new Pack(bound(at));
  }

  private Native.Bound bound(Addresses at) {
    Pointer scratch = at.scratch();
    Pointer packed = at.packed();
    Native.Bound bound =
        Native.primitive_bind(
            primitive,
            at.of(operands.first),
            at.of(operands.second),
            at.f32(operands.bias),
            at.of(operands.residual),
            at.f32(operands.slope),
            at.f32(operands.reach),
            at.of(operands.output),
            at.f32(operands.dBias),
            scratch,
            packed);
    Reference.reachabilityFence(this);
    return bound;
  }

  @Override
  public long scratchBytes() {
    return Native.primitive_scratch_bytes(primitive);
  }

  @Override
  public long packedBytes() {
    return Native.primitive_packed_bytes(primitive);
  }

  @Override
  public String implementation() {
    return Native.primitive_implementation(primitive).getString();
  }

  /** Frees the bound primitive when it is no longer reachable. */
  private abstract static class Held implements Runnable {
    final Native.Bound bound;

    Held(Native.Bound bound) {
      this.bound = bound;
      CLEANER.register(this, () -> Native.bound_free(bound));
    }
  }

  private static final class Replay extends Held {
    Replay(Native.Bound bound) {
      super(bound);
    }

    @Override
    public void run() {
      Native.bound_run(bound);
      Reference.reachabilityFence(this);
    }
  }

  private static final class Pack extends Held {
    Pack(Native.Bound bound) {
      super(bound);
    }

    @Override
    public void run() {
      Native.bound_pack(bound);
      Reference.reachabilityFence(this);
    }
  }
}
