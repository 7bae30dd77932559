package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Multiply;

/** {@link Multiply} and its gradient. */
final class MultiplyKernel {
  private MultiplyKernel() {}

  static Kernel of(Backend backend, Multiply o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Multiply call = call(o.a(), o.b(), at).y(at.of(o.y()));
          return () -> backend.multiply(call);
        });
  }

  static Kernel of(Backend backend, Multiply.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.MultiplyBackward call =
              new Backend.MultiplyBackward()
                  .forward(call(o.a(), o.b(), at))
                  .dy(at.of(o.dy()))
                  .da(at.of(o.da()))
                  .db(at.of(o.db()));
          return () -> backend.multiply_backward(call);
        });
  }

  private static Backend.Multiply call(Tensor a, Tensor b, Kernel.Addresses at) {
    return new Backend.Multiply()
        .type(a.type().code)
        .a(at.of(a))
        .b(at.of(b))
        .batch(a.dim(0))
        .p(pixels(a))
        .q(pixels(b))
        .c(a.dim(-1));
  }

  private static long pixels(Tensor t) {
    return t.elements() / ((long) t.dim(0) * t.dim(-1));
  }
}
