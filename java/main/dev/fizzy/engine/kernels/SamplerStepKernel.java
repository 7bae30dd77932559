package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.SamplerStep;

/** {@link SamplerStep}. */
final class SamplerStepKernel {
  private SamplerStepKernel() {}

  static Kernel of(Backend backend, SamplerStep o) {
    long batch = o.x().dim(0);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.SamplerStep call =
              new Backend.SamplerStep()
                  .type(o.prediction().type().code)
                  .guided(o.guided())
                  .x(at.f32(o.x()))
                  .prediction(at.of(o.prediction()))
                  .history(at.f32(o.history()))
                  .past(o.past())
                  .coefficients(at.f32(o.coefficients()))
                  .step(at.i32(o.step()))
                  .steps(o.coefficients().dim(0))
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.SAMPLER.ordinal())
                  .batch(batch)
                  .n(o.x().elements() / batch);
          return () -> backend.sampler_step(call);
        });
  }
}
