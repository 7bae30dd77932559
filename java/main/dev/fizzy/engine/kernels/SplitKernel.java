package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Split;

/** {@link Split}. */
final class SplitKernel {
  private SplitKernel() {}

  static Kernel of(Backend backend, Split o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Split call =
              new Backend.Split()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .a(at.of(o.a()))
                  .b(at.of(o.b()))
                  .rows(o.x().rows())
                  .a_columns(o.first())
                  .b_columns(o.x().dim(-1) - o.first());
          return () -> backend.split(call);
        });
  }
}
