package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.MaxPool;

/** {@link MaxPool} and its gradient. */
final class MaxPoolKernel {
  private MaxPoolKernel() {}

  static Kernel of(Backend backend, MaxPool o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MaxPool call = call(o, at).y(at.of(o.y()));
          return () -> backend.max_pool(call);
        });
  }

  static Kernel of(Backend backend, MaxPool.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MaxPoolBackward call =
              new Backend.MaxPoolBackward()
                  .forward(call(o.forward(), at))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()));
          return () -> backend.max_pool_backward(call);
        });
  }

  private static Backend.MaxPool call(MaxPool o, Kernel.Addresses at) {
    return new Backend.MaxPool()
        .type(o.x().type().code)
        .x(at.of(o.x()))
        .b(o.x().dim(0))
        .h(o.x().dim(1))
        .w(o.x().dim(2))
        .c(o.x().dim(3))
        .k(o.k())
        .stride(o.stride())
        .top(o.top())
        .left(o.left())
        .oh(o.y().dim(1))
        .ow(o.y().dim(2));
  }
}
