package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution.Padding;
import java.util.List;

/**
 * A convolution of each channel with a filter of its own, like PyTorch's Conv2d with as many groups
 * as channels: y = conv(x, w) + bias, or PReLU of it. With equal weights it is a mean over windows.
 *
 * @param x [B, H, W, C]
 * @param w [kh, kw, C], f32: channels last, unlike the weights of {@link Convolution}
 * @param bias [C], f32, or null
 * @param slope of PReLU, f32 [C], or null; for inference only, without gradient
 * @param y [B, (H + top + bottom - kh) / stride + 1, (W + left + right - kw) / stride + 1, C]
 */
public record DepthwiseConvolution(
    Tensor x, Tensor w, Tensor bias, Tensor slope, int stride, Padding padding, Tensor y)
    implements Operation {
  public static Tensor of(
      Tensor x, Tensor w, Tensor bias, Tensor slope, int stride, Padding padding) {
    if (x.rank() != 4
        || w.rank() != 3
        || w.type() != DType.F32
        || w.dim(2) != x.dim(3)
        || stride < 1
        || extent(x.dim(1), padding.top() + padding.bottom(), w.dim(0), stride) < 1
        || extent(x.dim(2), padding.left() + padding.right(), w.dim(1), stride) < 1) {
      throw new EngineException(
          "depthwise_convolution: weights "
              + w
              + " with stride "
              + stride
              + " and "
              + padding
              + " do not fit "
              + x);
    }
    int h = extent(x.dim(1), padding.top() + padding.bottom(), w.dim(0), stride);
    int width = extent(x.dim(2), padding.left() + padding.right(), w.dim(1), stride);
    List<Tensor> from = Operation.present(x, w, bias, slope);
    Tensor y =
        x.graph().local("depthwise_convolution", x.type(), from, x.dim(0), h, width, x.dim(3));
    Convolution.checkEpilogue("depthwise_convolution", bias, null, y);
    if (slope != null) {
      PRelu.checkSlope("depthwise_convolution", y, slope);
    }
    return x.graph().record(new DepthwiseConvolution(x, w, bias, slope, stride, padding, y)).y;
  }

  private static int extent(int n, int padding, int k, int stride) {
    return n + padding < k ? 0 : (n + padding - k) / stride + 1;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, w, bias, slope);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * y.elements() * w.dim(0) * w.dim(1);
  }

  @Override
  public void gradient(Gradients gradients) {
    if (slope != null) {
      throw new EngineException("depthwise_convolution: no gradient passes through its PReLU");
    }
    Tensor dx = gradients.target(x);
    Tensor dw = gradients.target(w);
    Tensor db = gradients.target(bias);
    if (!Operation.present(dx, dw, db).isEmpty()) {
      x.graph().record(new Backward(x, w, gradients.of(y), stride, padding, dx, dw, db));
    }
    gradients.wrote(x, dx);
    gradients.wrote(w, dw);
    gradients.wrote(bias, db);
  }

  /** The gradients: dx as x, dw [kh, kw, C] and db [C] in f32; each may be null. */
  public record Backward(
      Tensor x, Tensor w, Tensor dy, int stride, Padding padding, Tensor dx, Tensor dw, Tensor db)
      implements Operation {
    /** x is read only for the gradient of the weights. */
    @Override
    public List<Tensor> inputs() {
      return dw == null ? List.of(dy, w) : List.of(dy, w, x);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dw, db);
    }

    @Override
    public long flops() {
      long products = 2L * dy.elements() * w.dim(0) * w.dim(1);
      return (dx == null ? 0 : products)
          + (dw == null ? 0 : products)
          + (db == null ? 0 : dy.elements());
    }
  }
}
