package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Loss;

/** {@link Loss} and its gradient. */
final class LossKernel {
  private LossKernel() {}

  static Kernel of(Backend backend, Loss o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(sizes(o)),
        at -> {
          Backend.Loss call =
              sizes(o)
                  .prediction(at.of(o.prediction()))
                  .target(at.of(o.target()))
                  .loss(at.f32(o.loss()))
                  .scratch(at.scratch());
          return () -> backend.loss(call);
        });
  }

  private static Backend.Loss sizes(Loss o) {
    return new Backend.Loss()
        .type(o.prediction().type().code)
        .target_type(o.target().type().code)
        .kind(o.kind().ordinal())
        .n(o.prediction().elements());
  }

  static Kernel of(Backend backend, Loss.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.LossBackward call =
              new Backend.LossBackward()
                  .type(o.prediction().type().code)
                  .target_type(o.target().type().code)
                  .kind(o.kind().ordinal())
                  .prediction(at.of(o.prediction()))
                  .target(at.of(o.target()))
                  .dloss(at.f32(o.dloss()))
                  .dprediction(at.of(o.dprediction()))
                  .n(o.prediction().elements());
          return () -> backend.loss_backward(call);
        });
  }
}
