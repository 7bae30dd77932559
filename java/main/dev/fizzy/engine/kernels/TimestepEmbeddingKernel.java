package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.TimestepEmbedding;

/** {@link TimestepEmbedding}. */
final class TimestepEmbeddingKernel {
  private TimestepEmbeddingKernel() {}

  static Kernel of(Backend backend, TimestepEmbedding o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.TimestepEmbedding call =
              new Backend.TimestepEmbedding()
                  .type(o.y().type().code)
                  .t(at.f32(o.t()))
                  .y(at.of(o.y()))
                  .batch(o.y().dim(0))
                  .width(o.y().dim(1));
          return () -> backend.timestep_embedding(call);
        });
  }
}
