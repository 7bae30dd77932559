package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Duplicate;

/** {@link Duplicate}. */
final class DuplicateKernel {
  private DuplicateKernel() {}

  static Kernel of(Backend backend, Duplicate o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Duplicate call =
              new Backend.Duplicate().x(at.of(o.x())).y(at.of(o.y())).bytes(o.x().bytes());
          return () -> backend.duplicate(call);
        });
  }
}
