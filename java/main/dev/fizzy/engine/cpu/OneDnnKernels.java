package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.cpu.OneDnnKernel.Operands;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.QuantizedConvolution;
import dev.fizzy.engine.op.QuantizedLinear;
import dev.fizzy.engine.op.TransposedConvolution;
import dev.fizzy.engine.op.UpsampledConvolution;

/** Convolutions and matrix products. */
final class OneDnnKernels {
  private OneDnnKernels() {}

  static void addTo(DeviceKernels kernels) {
    kernels.addWeighted(Convolution.class, OneDnnKernels::convolution);
    kernels.add(Convolution.BackwardData.class, OneDnnKernels::convolutionBackwardData);
    kernels.add(Convolution.BackwardWeights.class, OneDnnKernels::convolutionBackwardWeights);
    kernels.addWeighted(TransposedConvolution.class, OneDnnKernels::transposed);
    kernels.add(TransposedConvolution.BackwardData.class, OneDnnKernels::transposedBackwardData);
    kernels.add(
        TransposedConvolution.BackwardWeights.class, OneDnnKernels::transposedBackwardWeights);
    kernels.add(UpsampledConvolution.class, OneDnnKernels::upsampled);
    kernels.addWeighted(Linear.class, OneDnnKernels::linear);
    kernels.add(Linear.BackwardData.class, OneDnnKernels::linearBackwardData);
    kernels.add(Linear.BackwardWeights.class, OneDnnKernels::linearBackwardWeights);
    kernels.add(MatMul.class, OneDnnKernels::matmul);
    kernels.addWeighted(QuantizedConvolution.class, OneDnnKernels::quantizedConvolution);
    kernels.addWeighted(QuantizedLinear.class, OneDnnKernels::quantizedLinear);
  }

  /** What depends on the model alone can be packed once per model. */
  private static boolean mayPack(Weights weights, Tensor w) {
    return weights == Weights.PACKED && w.stage() == Stage.MODEL;
  }

  private static Kernel convolution(Convolution o, Weights weights) {
    Tensor x = o.x();
    Convolution.Padding p = o.padding();
    return new OneDnnKernel(
        Native.convolution(
            x.type().code,
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            o.y().dim(3),
            o.w().dim(2),
            o.stride(),
            p.top(),
            p.left(),
            p.bottom(),
            p.right(),
            o.bias() != null,
            o.residual() != null,
            o.slope() != null,
            mayPack(weights, o.w())),
        new Operands(x, o.w(), o.bias(), o.residual(), o.slope(), null, o.y(), null));
  }

  private static Kernel convolutionBackwardData(Convolution.BackwardData o) {
    Tensor dx = o.dx();
    Convolution.Padding p = o.padding();
    return new OneDnnKernel(
        Native.convolution_backward_data(
            dx.type().code,
            dx.dim(0),
            dx.dim(1),
            dx.dim(2),
            dx.dim(3),
            o.dy().dim(3),
            o.w().dim(2),
            o.stride(),
            p.top(),
            p.left(),
            p.bottom(),
            p.right()),
        new Operands(o.dy(), o.w(), null, null, dx, null));
  }

  private static Kernel convolutionBackwardWeights(Convolution.BackwardWeights o) {
    Tensor x = o.x();
    Convolution.Padding p = o.padding();
    return new OneDnnKernel(
        Native.convolution_backward_weights(
            x.type().code,
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            o.dy().dim(3),
            o.dw().dim(2),
            o.stride(),
            p.top(),
            p.left(),
            p.bottom(),
            p.right(),
            o.db() != null),
        new Operands(x, o.dy(), null, null, o.dw(), o.db()));
  }

  private static Kernel transposed(TransposedConvolution o, Weights weights) {
    Tensor x = o.x();
    return new OneDnnKernel(
        Native.transposed_convolution(
            x.type().code,
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            o.y().dim(3),
            o.w().dim(2),
            o.stride(),
            o.padding(),
            o.bias() != null,
            mayPack(weights, o.w())),
        new Operands(x, o.w(), o.bias(), null, o.y(), null));
  }

  private static Kernel transposedBackwardData(TransposedConvolution.BackwardData o) {
    Tensor dx = o.dx();
    return new OneDnnKernel(
        Native.transposed_convolution_backward_data(
            dx.type().code,
            dx.dim(0),
            dx.dim(1),
            dx.dim(2),
            dx.dim(3),
            o.dy().dim(3),
            o.w().dim(2),
            o.stride(),
            o.padding()),
        new Operands(o.dy(), o.w(), null, null, dx, null));
  }

  private static Kernel transposedBackwardWeights(TransposedConvolution.BackwardWeights o) {
    Tensor x = o.x();
    return new OneDnnKernel(
        Native.transposed_convolution_backward_weights(
            x.type().code,
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            o.dy().dim(3),
            o.dw().dim(2),
            o.stride(),
            o.padding(),
            o.db() != null),
        new Operands(x, o.dy(), null, null, o.dw(), o.db()));
  }

  private static Kernel upsampled(UpsampledConvolution o) {
    Tensor x = o.x();
    return new OneDnnKernel(
        Native.upsampled_convolution(
            x.type().code, x.dim(0), x.dim(1), x.dim(2), x.dim(3), o.y().dim(3), o.bias() != null),
        new Operands(x, o.w(), o.bias(), null, o.y(), null));
  }

  private static Kernel linear(Linear o, Weights weights) {
    return new OneDnnKernel(
        Native.linear(
            o.x().type().code,
            o.x().rows(),
            o.w().dim(0),
            o.w().dim(1),
            o.bias() != null,
            o.residual() != null,
            mayPack(weights, o.w())),
        new Operands(o.x(), o.w(), o.bias(), o.residual(), o.y(), null));
  }

  private static Kernel linearBackwardData(Linear.BackwardData o) {
    return new OneDnnKernel(
        Native.linear_backward_data(o.dy().type().code, o.dy().rows(), o.w().dim(0), o.w().dim(1)),
        new Operands(o.dy(), o.w(), null, null, o.dx(), null));
  }

  private static Kernel linearBackwardWeights(Linear.BackwardWeights o) {
    return new OneDnnKernel(
        Native.linear_backward_weights(
            o.x().type().code, o.x().rows(), o.dw().dim(0), o.dw().dim(1), o.db() != null),
        new Operands(o.x(), o.dy(), null, null, o.dw(), o.db()));
  }

  private static Kernel matmul(MatMul o) {
    int k = o.a().dim(o.transposeA() ? 1 : 2);
    return new OneDnnKernel(
        Native.matmul(
            o.a().type().code,
            o.y().dim(0),
            o.y().dim(1),
            o.y().dim(2),
            k,
            o.transposeA(),
            o.transposeB(),
            o.scale()),
        new Operands(o.a(), o.b(), null, null, o.y(), null));
  }

  private static Kernel quantizedConvolution(QuantizedConvolution o, Weights weights) {
    Tensor x = o.x();
    return new OneDnnKernel(
        Native.quantized_convolution(
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            o.y().dim(3),
            o.w().dim(2),
            o.bias() != null,
            o.residual() != null,
            mayPack(weights, o.w())),
        new Operands(x, o.w(), o.bias(), o.residual(), null, o.reach(), o.y(), null));
  }

  private static Kernel quantizedLinear(QuantizedLinear o, Weights weights) {
    return new OneDnnKernel(
        Native.quantized_linear(
            o.x().rows(),
            o.w().dim(0),
            o.w().dim(1),
            o.bias() != null,
            o.residual() != null,
            mayPack(weights, o.w())),
        new Operands(o.x(), o.w(), o.bias(), o.residual(), null, o.reach(), o.y(), null));
  }
}
