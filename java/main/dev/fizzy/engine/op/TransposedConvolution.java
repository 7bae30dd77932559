package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The transpose of a convolution, like PyTorch's ConvTranspose2d: y[s i - p + r] += x[i] w[r].
 *
 * @param x [B, H, W, Cin]
 * @param w [Cin, Cout, k, k], f32
 * @param bias [Cout], f32, or null
 * @param y [B, (H - 1) stride - 2 padding + k, (W - 1) stride - 2 padding + k, Cout]
 */
public record TransposedConvolution(
    Tensor x, Tensor w, Tensor bias, int stride, int padding, Tensor y) implements Operation {
  public static Tensor of(Tensor x, Tensor w, Tensor bias, int stride, int padding) {
    if (x.rank() != 4
        || w.rank() != 4
        || w.type() != DType.F32
        || w.dim(0) != x.dim(3)
        || w.dim(2) != w.dim(3)
        || stride < 1
        || padding < 0) {
      throw new EngineException(
          "transposed_convolution: weights "
              + w
              + ", stride "
              + stride
              + " and padding "
              + padding
              + " do not fit "
              + x);
    }
    int h = (x.dim(1) - 1) * stride - 2 * padding + w.dim(2);
    int width = (x.dim(2) - 1) * stride - 2 * padding + w.dim(2);
    List<Tensor> from = Operation.present(x, w, bias);
    Tensor y =
        x.graph().local("transposed_convolution", x.type(), from, x.dim(0), h, width, w.dim(1));
    Convolution.checkEpilogue("transposed_convolution", bias, null, y);
    return x.graph().record(new TransposedConvolution(x, w, bias, stride, padding, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, w, bias);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  /** Also counts products that padding discards, as is usual. */
  @Override
  public long flops() {
    return 2L * x.rows() * w.elements();
  }

  @Override
  public void gradient(Gradients gradients) {
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
  }

  /** dx = the convolution of dy with w. */
  public record BackwardData(Tensor w, Tensor dy, int stride, int padding, Tensor dx)
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
      return 2L * dx.rows() * w.elements();
    }
  }

  /** dw [Cin, Cout, k, k] and db [Cout] or null, f32, summed over images and pixels. */
  public record BackwardWeights(Tensor x, Tensor dy, int stride, int padding, Tensor dw, Tensor db)
      implements Operation {
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
      return 2L * x.rows() * dw.elements() + (db == null ? 0 : dy.elements());
    }
  }
}
