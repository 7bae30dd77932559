package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Upsample;

/** {@link Upsample} and its gradient. */
final class UpsampleKernel {
  private UpsampleKernel() {}

  static Kernel of(Backend backend, Upsample o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Upsample call =
              new Backend.Upsample()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .b(o.x().dim(0))
                  .h(o.x().dim(1))
                  .w(o.x().dim(2))
                  .c(o.x().dim(3));
          return () -> backend.upsample(call);
        });
  }

  static Kernel of(Backend backend, Upsample.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.UpsampleBackward call =
              new Backend.UpsampleBackward()
                  .type(o.dx().type().code)
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .b(o.dx().dim(0))
                  .h(o.dx().dim(1))
                  .w(o.dx().dim(2))
                  .c(o.dx().dim(3));
          return () -> backend.upsample_backward(call);
        });
  }
}
