package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.L2Normalize;

/** {@link L2Normalize} and its gradient. */
final class L2NormalizeKernel {
  private L2NormalizeKernel() {}

  static Kernel of(Backend backend, L2Normalize o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.L2Normalize call =
              new Backend.L2Normalize()
                  .x(at.f32(o.x()))
                  .y(at.f32(o.y()))
                  .norm(at.f32(o.norm()))
                  .rows(o.x().dim(0))
                  .c(o.x().dim(1));
          return () -> backend.l2_normalize(call);
        });
  }

  static Kernel of(Backend backend, L2Normalize.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.L2NormalizeBackward call =
              new Backend.L2NormalizeBackward()
                  .y(at.f32(o.y()))
                  .norm(at.f32(o.norm()))
                  .dy(at.f32(o.dy()))
                  .dx(at.f32(o.dx()))
                  .rows(o.y().dim(0))
                  .c(o.y().dim(1));
          return () -> backend.l2_normalize_backward(call);
        });
  }
}
