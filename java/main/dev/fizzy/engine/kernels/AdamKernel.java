package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Adam;

/** {@link Adam}, over the flat regions of all parameters. */
final class AdamKernel {
  private AdamKernel() {}

  static Kernel of(Backend backend, Adam o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(new Backend.Adam()),
        at -> {
          Backend.Adam call =
              new Backend.Adam()
                  .settings(at.f32(o.settings()))
                  .values(at.region(Region.VALUES))
                  .gradients(at.region(Region.GRADIENTS))
                  .first_moment(at.region(Region.FIRST_MOMENT))
                  .second_moment(at.region(Region.SECOND_MOMENT))
                  .average(at.region(Region.AVERAGE))
                  .norm(at.f32(o.norm()))
                  .n(at.trainedElements())
                  .scratch(at.scratch());
          return () -> backend.adam(call);
        });
  }
}
