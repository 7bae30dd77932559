package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.PRelu;

/** {@link PRelu} and its gradient. */
final class PReluKernel {
  private PReluKernel() {}

  static Kernel of(Backend backend, PRelu o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.PRelu call =
              new Backend.PRelu()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .slope(at.f32(o.slope()))
                  .y(at.of(o.y()))
                  .rows(o.x().rows())
                  .c(o.x().dim(-1));
          return () -> backend.prelu(call);
        });
  }

  static Kernel of(Backend backend, PRelu.Backward o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(sizes(o)),
        at -> {
          Backend.PReluBackward call =
              sizes(o)
                  .x(at.of(o.x()))
                  .slope(at.f32(o.slope()))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .dslope(at.f32(o.dslope()))
                  .scratch(at.scratch());
          return () -> backend.prelu_backward(call);
        });
  }

  private static Backend.PReluBackward sizes(PRelu.Backward o) {
    return new Backend.PReluBackward().type(o.x().type().code).rows(o.x().rows()).c(o.x().dim(-1));
  }
}
