package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.ContextDropout;

/** {@link ContextDropout} and its gradient. */
final class ContextDropoutKernel {
  private ContextDropoutKernel() {}

  static Kernel of(Backend backend, ContextDropout o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ContextDropout call =
              new Backend.ContextDropout()
                  .type(o.context().type().code)
                  .context(at.of(o.context()))
                  .empty(at.f32(o.empty()))
                  .probability(o.probability())
                  .probability_to(o.probabilityTo())
                  .whole_probability(o.wholeProbability())
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.CONTEXT_DROPOUT.ordinal())
                  .row_purpose(Purpose.EMPTY_CONTEXT.ordinal())
                  .y(at.of(o.y()))
                  .batch(o.context().dim(0))
                  .width(o.context().dim(1));
          return () -> backend.context_dropout(call);
        });
  }

  static Kernel of(Backend backend, ContextDropout.Backward o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ContextDropoutBackward call =
              new Backend.ContextDropoutBackward()
                  .type(o.dy().type().code)
                  .dy(at.of(o.dy()))
                  .probability(o.probability())
                  .probability_to(o.probabilityTo())
                  .whole_probability(o.wholeProbability())
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.CONTEXT_DROPOUT.ordinal())
                  .row_purpose(Purpose.EMPTY_CONTEXT.ordinal())
                  .dcontext(at.of(o.dcontext()))
                  .dempty(at.f32(o.dempty()))
                  .batch(o.dy().dim(0))
                  .width(o.dy().dim(1));
          return () -> backend.context_dropout_backward(call);
        });
  }
}
