package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Fill;

/** {@link Fill}. */
final class FillKernel {
  private FillKernel() {}

  static Kernel of(Backend backend, Fill o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Fill call =
              new Backend.Fill().y(at.f32(o.y())).value(o.value()).n(o.y().elements());
          return () -> backend._fill(call); // _fill, since Pointer already has a fill method
        });
  }
}
