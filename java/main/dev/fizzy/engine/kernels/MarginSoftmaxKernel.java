package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.MarginSoftmax;

/** {@link MarginSoftmax} and its gradient. */
final class MarginSoftmaxKernel {
  private MarginSoftmaxKernel() {}

  static Kernel of(Backend backend, MarginSoftmax o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(sizes(o)),
        at -> {
          Backend.MarginSoftmax call =
              call(o, at)
                  .loss(at.f32(o.loss()))
                  .accuracy(at.f32(o.accuracy()))
                  .scratch(at.scratch());
          return () -> backend.margin_softmax(call);
        });
  }

  static Kernel of(Backend backend, MarginSoftmax.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MarginSoftmaxBackward call =
              new Backend.MarginSoftmaxBackward()
                  .forward(call(o.forward(), at))
                  .dloss(at.f32(o.dloss()))
                  .dcosines(at.f32(o.dcosines()));
          return () -> backend.margin_softmax_backward(call);
        });
  }

  private static Backend.MarginSoftmax sizes(MarginSoftmax o) {
    return new Backend.MarginSoftmax().scale(o.scale()).b(o.cosines().dim(0)).n(o.cosines().dim(1));
  }

  /** The arguments that forward and backward share. */
  private static Backend.MarginSoftmax call(MarginSoftmax o, Kernel.Addresses at) {
    return sizes(o)
        .cosines(at.f32(o.cosines()))
        .labels(at.i32(o.labels()))
        .margins(at.f32(o.margins()))
        .lse(at.f32(o.lse()));
  }
}
