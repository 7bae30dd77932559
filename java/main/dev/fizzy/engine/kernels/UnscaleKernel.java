package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Unscale;

/** {@link Unscale}. */
final class UnscaleKernel {
  private UnscaleKernel() {}

  static Kernel of(Backend backend, Unscale o) {
    long batch = o.x().dim(0);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Unscale call =
              new Backend.Unscale()
                  .x(at.f32(o.x()))
                  .y(at.f32(o.y()))
                  .extreme(at.f32(o.extreme()))
                  .batch(batch)
                  .n(o.x().elements() / batch)
                  .scale(o.scale());
          return () -> backend.unscale(call);
        });
  }
}
