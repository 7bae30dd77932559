package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Dropout;

/** {@link Dropout}, computed by context_dropout without dropping whole rows. */
final class DropoutKernel {
  private DropoutKernel() {}

  static Kernel of(Backend backend, Dropout o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ContextDropout call =
              new Backend.ContextDropout()
                  .type(o.x().type().code)
                  .context(at.of(o.x()))
                  .probability(o.probability())
                  .probability_to(o.probability())
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.DROPOUT.ordinal())
                  .row_purpose(Purpose.DROPOUT.ordinal())
                  .y(at.of(o.y()))
                  .batch(o.x().dim(0))
                  .width(o.x().dim(1));
          return () -> backend.context_dropout(call);
        });
  }
}
