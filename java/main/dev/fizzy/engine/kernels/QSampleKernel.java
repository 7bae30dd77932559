package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.QSample;

/** {@link QSample}. */
final class QSampleKernel {
  private QSampleKernel() {}

  static Kernel of(Backend backend, QSample o) {
    long batch = o.x0().dim(0);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.QSample call =
              new Backend.QSample()
                  .type(o.xt().type().code)
                  .velocity(o.velocity())
                  .x0(at.f32(o.x0()))
                  .alpha(at.f32(o.alpha()))
                  .sigma(at.f32(o.sigma()))
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.Q_SAMPLE.ordinal())
                  .xt(at.of(o.xt()))
                  .target(at.f32(o.target()))
                  .batch(batch)
                  .n(o.x0().elements() / batch);
          return () -> backend.q_sample(call);
        });
  }
}
