package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.AddScaled;

/** {@link AddScaled}. */
final class AddScaledKernel {
  private AddScaledKernel() {}

  static Kernel of(Backend backend, AddScaled o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.AddScaled call =
              new Backend.AddScaled()
                  .type(o.a().type().code)
                  .a(at.of(o.a()))
                  .scale(at.f32(o.scale()))
                  .b(at.of(o.b()))
                  .y(at.of(o.y()))
                  .n(o.a().elements());
          return () -> backend.add_scaled(call);
        });
  }
}
