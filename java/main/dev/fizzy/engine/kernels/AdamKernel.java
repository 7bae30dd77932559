package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Adam;

/** {@link Adam}, over the flat regions of its parameters. */
final class AdamKernel {
  private AdamKernel() {}

  static Kernel of(Backend backend, Adam o) {
    return BackendKernel.of(
        backend,
        backend.scratch_bytes(new Backend.Adam()),
        at -> {
          Parameters.Span span = at.span(o.parameters());
          Backend.Adam call =
              new Backend.Adam()
                  .settings(at.f32(o.settings()))
                  .values(at.region(Region.VALUES, span))
                  .gradients(at.region(Region.GRADIENTS, span))
                  .first_moment(at.region(Region.FIRST_MOMENT, span))
                  .second_moment(at.region(Region.SECOND_MOMENT, span))
                  .average(at.region(Region.AVERAGE, span))
                  .narrow(at.narrow(span))
                  .norm(at.f32(o.norm()))
                  .n(span.elements())
                  .scratch(at.scratch());
          return () -> backend.adam(call);
        });
  }
}
