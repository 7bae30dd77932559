package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.ImageToTensor;

/** {@link ImageToTensor}. */
final class ImageToTensorKernel {
  private ImageToTensorKernel() {}

  static Kernel of(Backend backend, ImageToTensor o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.ImageToTensor call =
              new Backend.ImageToTensor()
                  .type(o.y().type().code)
                  .image(at.of(o.image()))
                  .y(at.of(o.y()))
                  .n(o.y().elements());
          return () -> backend.image_to_tensor(call);
        });
  }
}
