package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Concat;

/** {@link Concat}. */
final class ConcatKernel {
  private ConcatKernel() {}

  static Kernel of(Backend backend, Concat o) {
    int columns = o.y().dim(-1);
    int left = o.a() == null ? columns - o.b().dim(-1) : o.a().dim(-1);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Concat call =
              new Backend.Concat()
                  .type(o.y().type().code)
                  .a(at.of(o.a()))
                  .b(at.of(o.b()))
                  .y(at.of(o.y()))
                  .rows(o.y().rows())
                  .a_columns(left)
                  .b_columns(columns - left);
          return () -> backend.concat(call);
        });
  }
}
