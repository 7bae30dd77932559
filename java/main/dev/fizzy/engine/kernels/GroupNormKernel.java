package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.GroupNorm;

/** {@link GroupNorm} and its gradient. */
final class GroupNormKernel {
  private GroupNormKernel() {}

  static Kernel of(Backend backend, GroupNorm o) {
    Backend.GroupNorm sizes = sizes(o);
    return new BackendKernel(
        backend.implementation(sizes).getString(),
        backend.scratch_bytes(sizes),
        at -> {
          Backend.GroupNorm call = call(o, at).y(at.of(o.y()));
          return () -> backend.group_norm(call);
        });
  }

  static Kernel of(Backend backend, GroupNorm.Backward o) {
    Backend.GroupNormBackward sizes = new Backend.GroupNormBackward().forward(sizes(o.forward()));
    return new BackendKernel(
        backend.implementation(sizes).getString(),
        backend.scratch_bytes(sizes),
        at -> {
          Backend.GroupNormBackward call =
              new Backend.GroupNormBackward()
                  .forward(call(o.forward(), at))
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .dgamma(at.f32(o.dgamma()))
                  .dbeta(at.f32(o.dbeta()))
                  .dscale(at.of(o.dscale()))
                  .dshift(at.of(o.dshift()));
          return () -> backend.group_norm_backward(call);
        });
  }

  private static Backend.GroupNorm sizes(GroupNorm o) {
    int b = o.x().dim(0);
    return new Backend.GroupNorm()
        .type(o.x().type().code)
        .scale_rows(o.scale() == null ? 0 : o.scale().dim(0))
        .b(b)
        .p(o.x().rows() / b)
        .c(o.x().dim(-1))
        .g(o.groups())
        .eps(o.eps())
        .silu(o.silu());
  }

  /** The arguments that forward and backward share: all but y. */
  private static Backend.GroupNorm call(GroupNorm o, Kernel.Addresses at) {
    return sizes(o)
        .x(at.of(o.x()))
        .gamma(at.f32(o.gamma()))
        .beta(at.f32(o.beta()))
        .scale(at.of(o.scale()))
        .shift(at.of(o.shift()))
        .row(at.i32(o.row()))
        .mean(at.f32(o.mean()))
        .rstd(at.f32(o.rstd()))
        .scratch(at.scratch());
  }
}
