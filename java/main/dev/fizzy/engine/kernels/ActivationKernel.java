package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Activation;

/** {@link Activation} and its gradient. */
final class ActivationKernel {
  private ActivationKernel() {}

  static Kernel of(Backend backend, Activation o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Activation call =
              new Backend.Activation()
                  .type(o.x().type().code)
                  .kind(o.kind().ordinal())
                  .x(at.of(o.x()))
                  .y(at.of(o.y()))
                  .n(o.x().elements());
          return () -> backend.activation(call);
        });
  }

  static Kernel of(Backend backend, Activation.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ActivationBackward call =
              new Backend.ActivationBackward()
                  .type(o.x().type().code)
                  .kind(o.kind().ordinal())
                  .x(at.of(o.x()))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .n(o.x().elements());
          return () -> backend.activation_backward(call);
        });
  }
}
