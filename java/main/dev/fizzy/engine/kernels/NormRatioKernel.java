package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.NormRatio;

/** {@link NormRatio}. */
final class NormRatioKernel {
  private NormRatioKernel() {}

  static Kernel of(Backend backend, NormRatio o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.NormRatio call =
              new Backend.NormRatio()
                  .a(at.f32(o.a()))
                  .b(at.f32(o.b()))
                  .y(at.f32(o.y()))
                  .n(o.a().elements())
                  .weight(o.weight());
          return () -> backend.norm_ratio(call);
        });
  }
}
