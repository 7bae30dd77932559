package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Noise;

/** {@link Noise}. */
final class NoiseKernel {
  private NoiseKernel() {}

  static Kernel of(Backend backend, Noise o) {
    long batch = o.y().dim(0);
    return BackendKernel.of(
        backend,
        at -> {
          Backend.Noise call =
              new Backend.Noise()
                  .rows(at.i32(o.rows()))
                  .random(at.i32(o.random()))
                  .purpose(Purpose.NOISE.ordinal())
                  .y(at.f32(o.y()))
                  .batch(batch)
                  .n(o.y().elements() / batch);
          return () -> backend.noise(call);
        });
  }
}
