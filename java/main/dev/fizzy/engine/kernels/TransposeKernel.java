package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Transpose;

/** {@link Transpose}. */
final class TransposeKernel {
  private TransposeKernel() {}

  static Kernel of(Backend backend, Transpose o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Transpose call =
              new Backend.Transpose()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .b(o.x().dim(0))
                  .r(o.x().dim(1))
                  .c(o.x().dim(2));
          return () -> backend.transpose(call);
        });
  }
}
