package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.TensorToImage;

/** {@link TensorToImage}. */
final class TensorToImageKernel {
  private TensorToImageKernel() {}

  static Kernel of(Backend backend, TensorToImage o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.TensorToImage call =
              new Backend.TensorToImage()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .image(at.of(o.image()))
                  .n(o.x().elements());
          return () -> backend.tensor_to_image(call);
        });
  }
}
