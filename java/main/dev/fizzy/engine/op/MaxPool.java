package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The maximum of each k x k window of every channel, like PyTorch's MaxPool2d without padding.
 *
 * @param x [B, H, W, C]
 * @param ceil whether the number of windows is rounded up; the last one is then cut at the edge
 * @param y [B, (H - k) / stride + 1, (W - k) / stride + 1, C], the quotient rounded down or up
 */
public record MaxPool(Tensor x, int k, int stride, boolean ceil, Tensor y) implements Operation {
  public static Tensor of(Tensor x, int k, int stride, boolean ceil) {
    if (x.rank() != 4 || k < 1 || stride < 1 || x.dim(1) < k || x.dim(2) < k) {
      throw new EngineException(
          "max_pool: windows of " + k + " every " + stride + " do not fit " + x);
    }
    int h = extent(x.dim(1), k, stride, ceil);
    int w = extent(x.dim(2), k, stride, ceil);
    Tensor y = x.graph().local("max_pool", x.type(), List.of(x), x.dim(0), h, w, x.dim(3));
    return x.graph().record(new MaxPool(x, k, stride, ceil, y)).y;
  }

  private static int extent(int n, int k, int stride, boolean ceil) {
    int windows = (n - k + (ceil ? stride - 1 : 0)) / stride + 1;
    // Each window begins inside the image.
    return (windows - 1) * stride < n ? windows : windows - 1;
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
}
