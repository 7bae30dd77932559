package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = conv(x, w) + bias + residual, or PReLU(conv(x, w) + bias), a cross-correlation like PyTorch's
 * Conv2d.
 *
 * @param x [B, H, W, Cin]
 * @param w [Cout, Cin, k, k], f32
 * @param bias [Cout], f32, or null
 * @param residual as y, or null
 * @param slope of PReLU, f32 [Cout], or null; for inference only, without gradient
 * @param y [B, (H + top + bottom - k) / stride + 1, (W + left + right - k) / stride + 1, Cout]
 */
public record Convolution(
    Tensor x,
    Tensor w,
    Tensor bias,
    Tensor residual,
    Tensor slope,
    int stride,
    Padding padding,
    Tensor y)
    implements Operation {
  /** Zeros around the image, in pixels. */
  public record Padding(int top, int left, int bottom, int right) {
    public static Padding same(int n) {
      return new Padding(n, n, n, n);
    }
  }

  public static Tensor of(
      Tensor x, Tensor w, Tensor bias, Tensor residual, int stride, Padding padding) {
    return of(x, w, bias, residual, null, stride, padding);
  }

  public static Tensor of(
      Tensor x, Tensor w, Tensor bias, Tensor residual, Tensor slope, int stride, Padding padding) {
    if (x.rank() != 4
        || w.rank() != 4
        || w.type() != DType.F32
        || w.dim(1) != x.dim(3)
        || w.dim(2) != w.dim(3)
        || stride < 1) {
      throw new EngineException(
          "convolution: weights " + w + " with stride " + stride + " do not fit " + x);
    }
    int k = w.dim(2);
    int h = (x.dim(1) + padding.top + padding.bottom - k) / stride + 1;
    int width = (x.dim(2) + padding.left + padding.right - k) / stride + 1;
    if (slope != null && residual != null) {
      throw new EngineException("convolution: PReLU and a residual exclude each other");
    }
    List<Tensor> from = Operation.present(x, w, bias, slope, residual);
    Tensor y = x.graph().local("convolution", x.type(), from, x.dim(0), h, width, w.dim(0));
    checkEpilogue("convolution", bias, residual, y);
    if (slope != null) {
      PRelu.checkSlope("convolution", y, slope);
    }
    return x.graph().record(new Convolution(x, w, bias, residual, slope, stride, padding, y)).y;
  }

  /**
   * Checks the bias, f32 with one value per channel of y, and the residual, shaped like y; both may
   * be null.
   */
  static void checkEpilogue(String name, Tensor bias, Tensor residual, Tensor y) {
    if (bias != null && (bias.elements() != y.dim(-1) || bias.type() != DType.F32)) {
      throw new EngineException(name + ": bias " + bias + " does not fit " + y);
    }
    if (residual != null
        && (!Arrays.equals(residual.shape(), y.shape()) || residual.type() != y.type())) {
      throw new EngineException(name + ": residual " + residual + " does not fit " + y);
    }
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, w, bias, slope, residual);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return flops(y, w);
  }

  private static long flops(Tensor y, Tensor w) {
    return 2L * y.rows() * w.elements();
  }

  @Override
  public int inPlace() {
    return residual == null ? -1 : inputs().size() - 1;
  }

  @Override
  public void gradient(Gradients gradients) {
    if (slope != null) {
      throw new EngineException("convolution: no gradient passes through its PReLU");
    }
    Graph g = x.graph();
    Tensor dy = gradients.of(y);
    gradients.write(x, dx -> g.record(new BackwardData(w, dy, stride, padding, dx)));
    gradients.write(
        w,
        dw -> {
          Tensor db = gradients.target(bias);
          g.record(new BackwardWeights(x, dy, stride, padding, dw, db));
          gradients.wrote(bias, db);
        });
    gradients.wrote(residual, dy);
  }

  /** dx = the transpose of the convolution, applied to dy. */
  public record BackwardData(Tensor w, Tensor dy, int stride, Padding padding, Tensor dx)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(w, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return Convolution.flops(dy, w);
    }
  }

  /** dw [Cout, Cin, k, k] and db [Cout] or null, f32, summed over images and pixels. */
  public record BackwardWeights(
      Tensor x, Tensor dy, int stride, Padding padding, Tensor dw, Tensor db) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(x, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return db == null ? List.of(dw) : List.of(dw, db);
    }

    @Override
    public long flops() {
      return Convolution.flops(dy, dw) + (db == null ? 0 : dy.elements());
    }
  }
}
