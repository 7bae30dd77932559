package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.CachedAttention;

/** {@link CachedAttention}. */
final class CachedAttentionKernel {
  private CachedAttentionKernel() {}

  static Kernel of(Backend backend, CachedAttention o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.CachedAttention call =
              new Backend.CachedAttention()
                  .type(o.y().type().code)
                  .batch(o.y().dim(0))
                  .tokens(o.cache().dim(1))
                  .heads(o.heads())
                  .width(o.width())
                  .qkv(at.of(o.qkv()))
                  ._position(at.i32(o.position()))
                  .cache(at.of(o.cache()))
                  .y(at.of(o.y()));
          return () -> backend.cached_attention(call);
        });
  }
}
