package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Cast;

/** {@link Cast}. */
final class CastKernel {
  private CastKernel() {}

  static Kernel of(Backend backend, Cast o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.CastType call =
              new Backend.CastType()
                  .from(o.x().type().code)
                  .to(o.y().type().code)
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .n(o.x().elements());
          return () -> backend.cast(call);
        });
  }
}
