package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.MaxPool;

/** {@link MaxPool}. */
final class MaxPoolKernel {
  private MaxPoolKernel() {}

  static Kernel of(Backend backend, MaxPool o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MaxPool call =
              new Backend.MaxPool()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .b(o.x().dim(0))
                  .h(o.x().dim(1))
                  .w(o.x().dim(2))
                  .c(o.x().dim(3))
                  .k(o.k())
                  .stride(o.stride())
                  .ceil(o.ceil());
          return () -> backend.max_pool(call);
        });
  }
}
