package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.FoldBatchNorm;

/** {@link FoldBatchNorm}. */
final class FoldBatchNormKernel {
  private FoldBatchNormKernel() {}

  static Kernel of(Backend backend, FoldBatchNorm o) {
    FoldBatchNorm.Norm before = o.before();
    FoldBatchNorm.Norm after = o.after();
    long n = o.w().dim(0);
    long row = o.w().elements() / n;
    long c = before == null ? row : before.gamma().elements();
    float eps = before == null ? after == null ? 0 : after.eps() : before.eps();
    return BackendKernel.of(
        backend,
        at -> {
          Backend.FoldBatchNorm call =
              new Backend.FoldBatchNorm()
                  .w(at.f32(o.w()))
                  .bias(at.f32(o.bias()))
                  .before(norm(before, at))
                  .after(norm(after, at))
                  .weights(at.f32(o.weights()))
                  .shift(at.f32(o.shift()))
                  .n(n)
                  .c(c)
                  .s(row / c)
                  .eps(eps);
          return () -> backend.fold_batch_norm(call);
        });
  }

  private static Backend.FoldedNorm norm(FoldBatchNorm.Norm n, Kernel.Addresses at) {
    Backend.FoldedNorm norm = new Backend.FoldedNorm();
    return n == null
        ? norm
        : norm.gamma(at.f32(n.gamma()))
            .beta(at.f32(n.beta()))
            .mean(at.f32(n.running().mean()))
            .variance(at.f32(n.running().variance()));
  }
}
