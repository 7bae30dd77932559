package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Add;

/** {@link Add}. */
final class AddKernel {
  private AddKernel() {}

  static Kernel of(Backend backend, Add o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Add call =
              new Backend.Add()
                  .type(o.a().type().code)
                  .a(at.of(o.a()))
                  .b(at.of(o.b()))
                  .y(at.of(o.y()))
                  .n(o.a().elements());
          return () -> backend.add(call);
        });
  }
}
