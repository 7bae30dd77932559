package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Sgd;

/** {@link Sgd}, over the flat regions of all parameters. */
final class SgdKernel {
  private SgdKernel() {}

  static Kernel of(Backend backend, Sgd o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(new Backend.Sgd()),
        at -> {
          Backend.Sgd call =
              new Backend.Sgd()
                  .settings(at.f32(o.settings()))
                  .values(at.region(Region.VALUES))
                  .gradients(at.region(Region.GRADIENTS))
                  .velocity(at.region(Region.FIRST_MOMENT))
                  .narrow(at.narrow(new Parameters.Span(0, at.trainedElements())))
                  .norm(at.f32(o.norm()))
                  .n(at.trainedElements())
                  .scratch(at.scratch());
          return () -> backend.sgd(call);
        });
  }
}
