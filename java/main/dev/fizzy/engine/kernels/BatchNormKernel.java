package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.BatchNorm;

/** {@link BatchNorm} and its gradient. */
final class BatchNormKernel {
  private BatchNormKernel() {}

  static Kernel of(Backend backend, BatchNorm o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(sizes(o)),
        at -> {
          Backend.BatchNorm call =
              call(o, at)
                  .residual(at.of(o.residual()))
                  .y(at.of(o.y()))
                  .running_mean(at.f32(o.running().mean()))
                  .running_variance(at.f32(o.running().variance()));
          return () -> backend.batch_norm(call);
        });
  }

  static Kernel of(Backend backend, BatchNorm.Backward o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(new Backend.BatchNormBackward().forward(sizes(o.forward()))),
        at -> {
          Backend.BatchNormBackward call =
              new Backend.BatchNormBackward()
                  .forward(call(o.forward(), at))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .dgamma(at.f32(o.dgamma()))
                  .dbeta(at.f32(o.dbeta()))
                  .dslope(at.f32(o.dslope()));
          return () -> backend.batch_norm_backward(call);
        });
  }

  private static Backend.BatchNorm sizes(BatchNorm o) {
    return new Backend.BatchNorm()
        .type(o.x().type().code)
        .training(o.training())
        .rows(o.x().rows())
        .c(o.x().dim(-1))
        .eps(o.eps())
        .momentum(BatchNorm.MOMENTUM);
  }

  /** The arguments that forward and backward share. */
  private static Backend.BatchNorm call(BatchNorm o, Kernel.Addresses at) {
    return sizes(o)
        .x(at.of(o.x()))
        .gamma(at.f32(o.gamma()))
        .beta(at.f32(o.beta()))
        .slope(at.f32(o.slope()))
        .mean(at.f32(o.mean()))
        .rstd(at.f32(o.rstd()))
        .scratch(at.scratch());
  }
}
