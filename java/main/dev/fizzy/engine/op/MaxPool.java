package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution.Padding;
import java.util.List;

/**
 * The maximum of each k x k window of every channel, like PyTorch's MaxPool2d. Padding never is the
 * maximum. The gradient of a window belongs to its first largest pixel.
 *
 * @param x [B, H, W, C]
 * @param top rows of padding above the image, less than k
 * @param left columns of padding before it, less than k
 * @param y [B, (H + top + bottom - k) / stride + 1, (W + left + right - k) / stride + 1, C]
 */
public record MaxPool(Tensor x, int k, int stride, int top, int left, Tensor y)
    implements Operation {
  /** Without padding. */
  public static Tensor of(Tensor x, int k, int stride, boolean ceil) {
    return of(x, k, stride, Padding.same(0), ceil);
  }

  /**
   * @param ceil whether the number of windows is rounded up; the last one is then cut at the edge
   */
  public static Tensor of(Tensor x, int k, int stride, Padding padding, boolean ceil) {
    boolean pads = padding.top() < k && padding.left() < k && padding.top() >= 0;
    if (x.rank() != 4
        || k < 1
        || stride < 1
        || !pads
        || padding.left() < 0
        || x.dim(1) + padding.top() + padding.bottom() < k
        || x.dim(2) + padding.left() + padding.right() < k) {
      throw new EngineException(
          "max_pool: windows of " + k + " every " + stride + " do not fit " + x);
    }
    int h = extent(x.dim(1), padding.top(), padding.bottom(), k, stride, ceil);
    int w = extent(x.dim(2), padding.left(), padding.right(), k, stride, ceil);
    Tensor y = x.graph().local("max_pool", x.type(), List.of(x), x.dim(0), h, w, x.dim(3));
    return x.graph().record(new MaxPool(x, k, stride, padding.top(), padding.left(), y)).y;
  }

  private static int extent(int n, int before, int after, int k, int stride, boolean ceil) {
    int windows = (n + before + after - k + (ceil ? stride - 1 : 0)) / stride + 1;
    // Each window begins inside the image or the padding before it.
    return (windows - 1) * stride < n + before ? windows : windows - 1;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return y.elements() * k * k;
  }

  @Override
  public void gradient(Gradients gradients) {
    gradients.write(x, dx -> x.graph().record(new Backward(this, gradients.of(y), dx)));
  }

  /** dx as x. */
  public record Backward(MaxPool forward, Tensor dy, Tensor dx) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy, forward.x);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return 2 * forward.flops();
    }
  }
}
