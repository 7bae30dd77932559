package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.ProjectedGuidance;

/** {@link ProjectedGuidance}. */
final class ProjectedGuidanceKernel {
  private ProjectedGuidanceKernel() {}

  static Kernel of(Backend backend, ProjectedGuidance o) {
    long batch = o.x().dim(0);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ProjectedGuidance call =
              new Backend.ProjectedGuidance()
                  .type(o.prediction().type().code)
                  .x(at.f32(o.x()))
                  .prediction(at.of(o.prediction()))
                  .coefficients(at.f32(o.coefficients()))
                  .step(at.i32(o.step()))
                  .each_step(o.step().dim(0) > 1)
                  .steps(o.coefficients().dim(0))
                  .parallel(o.parallel())
                  .y(at.f32(o.y()))
                  .batch(batch)
                  .n(o.x().elements() / batch);
          return () -> backend.projected_guidance(call);
        });
  }
}
