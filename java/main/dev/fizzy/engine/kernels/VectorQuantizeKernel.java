package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.VectorQuantize;

/** {@link VectorQuantize} and its gradient. */
final class VectorQuantizeKernel {
  private VectorQuantizeKernel() {}

  static Kernel of(Backend backend, VectorQuantize o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(sizes(o)),
        at -> {
          Backend.VectorQuantize call =
              call(o, at)
                  .quantized(at.of(o.quantized()))
                  .loss(at.f32(o.loss()))
                  .scratch(at.scratch());
          return () -> backend.vector_quantize(call);
        });
  }

  static Kernel of(Backend backend, VectorQuantize.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.VectorQuantizeBackward call =
              new Backend.VectorQuantizeBackward()
                  .forward(call(o.forward(), at))
                  .dquantized(at.of(o.dquantized()))
                  .dloss(at.f32(o.dloss()))
                  .dz(at.of(o.dz()))
                  .dcodebook(at.f32(o.dcodebook()));
          return () -> backend.vector_quantize_backward(call);
        });
  }

  private static Backend.VectorQuantize sizes(VectorQuantize o) {
    return new Backend.VectorQuantize()
        .type(o.z().type().code)
        .beta(o.beta())
        .positions(o.z().rows())
        .codes(o.codebook().dim(0))
        .width(o.codebook().dim(1));
  }

  /** The arguments that forward and backward share. */
  private static Backend.VectorQuantize call(VectorQuantize o, Kernel.Addresses at) {
    return sizes(o).z(at.of(o.z())).codebook(at.f32(o.codebook())).indices(at.i32(o.indices()));
  }
}
