package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.DepthwiseConvolution;

/** {@link DepthwiseConvolution} and its gradients. */
final class DepthwiseConvolutionKernel {
  private DepthwiseConvolutionKernel() {}

  static Kernel of(Backend backend, DepthwiseConvolution o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.DepthwiseConvolution call =
              sizes(o.x(), o.w(), o.y(), o.stride(), o.padding())
                  .x(at.of(o.x()))
                  .filter(at.f32(o.w()))
                  .bias(at.f32(o.bias()))
                  .slope(at.f32(o.slope()))
                  .y(at.of(o.y()));
          return () -> backend.depthwise_convolution(call);
        });
  }

  static Kernel of(Backend backend, DepthwiseConvolution.Backward o) {
    return BackendKernel.of(
        backend,
        o.dw() == null && o.db() == null
            ? 0
            : backend.scratch_bytes(new Backend.DepthwiseConvolutionBackward().forward(sizes(o))),
        at -> {
          Backend.DepthwiseConvolution forward =
              sizes(o).x(o.dw() == null ? null : at.of(o.x())).filter(at.f32(o.w()));
          Backend.DepthwiseConvolutionBackward call =
              new Backend.DepthwiseConvolutionBackward()
                  .forward(forward)
                  .dy(at.of(o.dy()))
                  .dx(at.of(o.dx()))
                  .dfilter(at.f32(o.dw()))
                  .dbias(at.f32(o.db()))
                  .scratch(at.scratch());
          return () -> backend.depthwise_convolution_backward(call);
        });
  }

  private static Backend.DepthwiseConvolution sizes(DepthwiseConvolution.Backward o) {
    return sizes(o.x(), o.w(), o.dy(), o.stride(), o.padding());
  }

  private static Backend.DepthwiseConvolution sizes(
      Tensor x, Tensor w, Tensor y, int stride, Padding padding) {
    return new Backend.DepthwiseConvolution()
        .type(x.type().code)
        .b(x.dim(0))
        .h(x.dim(1))
        .w(x.dim(2))
        .c(x.dim(3))
        .kh(w.dim(0))
        .kw(w.dim(1))
        .stride(stride)
        .top(padding.top())
        .left(padding.left())
        .oh(y.dim(1))
        .ow(y.dim(2));
  }
}
