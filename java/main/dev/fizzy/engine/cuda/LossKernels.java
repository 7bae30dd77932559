package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.TensorToImage;
import dev.fizzy.engine.op.WeightedSum;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** The two ends of a network: images in and out, and losses. */
final class LossKernels {
  private final Pointer stream;

  private LossKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    LossKernels of = new LossKernels(kernels.stream());
    kernels.add(Loss.class, o -> new LossKernel(o, kernels.stream()));
    kernels.add(Loss.Backward.class, of::lossBackward);
    kernels.add(WeightedSum.class, of::weightedSum);
    kernels.add(ImageToTensor.class, of::imageToTensor);
    kernels.add(TensorToImage.class, of::tensorToImage);
  }

  private record LossKernel(Loss o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.loss_scratch(o.prediction().elements());
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.prediction().type().code;
      int targetType = o.target().type().code;
      int kind = o.kind().ordinal();
      long n = o.prediction().elements();
      Pointer prediction = at.of(o.prediction());
      Pointer target = at.of(o.target());
      FloatPointer loss = at.f32(o.loss());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.loss(type, targetType, kind, prediction, target, loss, n, scratch, stream);
    }
  }

  private Kernel lossBackward(Loss.Backward o) {
    int type = o.prediction().type().code;
    int targetType = o.target().type().code;
    int kind = o.kind().ordinal();
    long n = o.prediction().elements();
    return at -> {
      Pointer prediction = at.of(o.prediction());
      Pointer target = at.of(o.target());
      FloatPointer dloss = at.f32(o.dloss());
      Pointer down = at.of(o.dprediction());
      return () ->
          CudaKernels.loss_backward(
              type, targetType, kind, prediction, target, dloss, down, n, stream);
    };
  }

  private Kernel weightedSum(WeightedSum o) {
    int count = o.scalars().size();
    return at -> {
      FloatPointer weights = new FloatPointer(count);
      PointerPointer<FloatPointer> scalars = new PointerPointer<>(count);
      for (int i = 0; i < count; i++) {
        weights.put(i, o.weights().get(i));
        scalars.put(i, at.f32(o.scalars().get(i)));
      }
      FloatPointer y = at.f32(o.y());
      return () -> CudaKernels.weighted_sum(scalars, weights, y, count, stream);
    };
  }

  private Kernel imageToTensor(ImageToTensor o) {
    int type = o.y().type().code;
    long n = o.y().elements();
    return at -> {
      Pointer image = at.of(o.image());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.image_to_tensor(type, image, y, n, stream);
    };
  }

  private Kernel tensorToImage(TensorToImage o) {
    int type = o.x().type().code;
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer image = at.of(o.image());
      return () -> CudaKernels.tensor_to_image(type, x, image, n, stream);
    };
  }
}
