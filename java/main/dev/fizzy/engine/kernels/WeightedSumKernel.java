package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.WeightedSum;

/** {@link WeightedSum}. */
final class WeightedSumKernel {
  private WeightedSumKernel() {}

  static Kernel of(Backend backend, WeightedSum o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.WeightedSum call =
              new Backend.WeightedSum().y(at.f32(o.y())).count(o.scalars().size());
          for (int i = 0; i < o.scalars().size(); i++) {
            call.scalars(i, at.f32(o.scalars().get(i))).weights(i, o.weights().get(i));
          }
          return () -> backend.weighted_sum(call);
        });
  }
}
