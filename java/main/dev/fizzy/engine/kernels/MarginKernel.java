package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Margin;

/** {@link Margin}, of either kind. */
final class MarginKernel {
  private MarginKernel() {}

  static Kernel of(Backend backend, Margin o) {
    if (o.kind() instanceof Margin.Adaptive kind) {
      return adaptive(backend, o, kind);
    }
    return elastic(backend, o, (Margin.Elastic) o.kind());
  }

  private static Kernel elastic(Backend backend, Margin o, Margin.Elastic kind) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MarginElastic call =
              new Backend.MarginElastic()
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.MARGIN.ordinal())
                  .angular(kind.angular())
                  .additive(kind.additive())
                  .deviation(kind.deviation())
                  .margins(at.f32(o.margins()))
                  .b(o.margins().dim(0));
          return () -> backend.margin_elastic(call);
        });
  }

  private static Kernel adaptive(Backend backend, Margin o, Margin.Adaptive kind) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MarginAdaptive call =
              new Backend.MarginAdaptive()
                  .norms(at.f32(o.norms()))
                  .mean(at.f32(o.state().mean()))
                  .deviation(at.f32(o.state().deviation()))
                  .margin(kind.margin())
                  .h(kind.h())
                  .rate(kind.rate())
                  .margins(at.f32(o.margins()))
                  .b(o.margins().dim(0));
          return () -> backend.margin_adaptive(call);
        });
  }
}
