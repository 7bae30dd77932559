package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Softmax;

/** {@link Softmax} and its gradient. */
final class SoftmaxKernel {
  private SoftmaxKernel() {}

  static Kernel of(Backend backend, Softmax o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Softmax call =
              new Backend.Softmax()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .rows(o.x().rows())
                  .columns(o.x().dim(-1));
          return () -> backend.softmax(call);
        });
  }

  static Kernel of(Backend backend, Softmax.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.SoftmaxBackward call =
              new Backend.SoftmaxBackward()
                  .type(o.y().type().code)
                  .y(at.of(o.y()))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .rows(o.y().rows())
                  .columns(o.y().dim(-1));
          return () -> backend.softmax_backward(call);
        });
  }
}
