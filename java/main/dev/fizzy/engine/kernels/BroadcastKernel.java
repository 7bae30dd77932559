package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Broadcast;

/** {@link Broadcast}. */
final class BroadcastKernel {
  private BroadcastKernel() {}

  static Kernel of(Backend backend, Broadcast o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Broadcast call =
              new Backend.Broadcast()
                  .type(o.y().type().code)
                  .x(at.f32(o.x()))
                  .y(at.of(o.y()))
                  .rows(o.y().dim(0))
                  .columns(o.y().dim(1));
          return () -> backend.broadcast(call);
        });
  }
}
