package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = x w^T + bias + residual over the last dimension.
 *
 * @param x [..., K]
 * @param w [N, K], f32
 * @param bias [N], f32, or null
 * @param residual as y, or null
 * @param y [..., N]
 */
public record Linear(Tensor x, Tensor w, Tensor bias, Tensor residual, Tensor y)
    implements Operation {
  public static Tensor of(Tensor x, Tensor w, Tensor bias, Tensor residual) {
    if (w.rank() != 2 || w.type() != DType.F32 || w.dim(1) != x.dim(-1)) {
      throw new EngineException("linear: weights " + w + " do not fit " + x);
    }
    int[] shape = x.shape();
    shape[shape.length - 1] = w.dim(0);
    List<Tensor> from = Operation.present(x, w, bias, residual);
    Tensor y = x.graph().local("linear", x.type(), from, shape);
    Convolution.checkEpilogue("linear", bias, residual, y);
    return x.graph().record(new Linear(x, w, bias, residual, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, w, bias, residual);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * x.rows() * w.elements();
  }

  @Override
  public int inPlace() {
    return residual == null ? -1 : inputs().size() - 1;
  }

  @Override
  public void gradient(Gradients gradients) {
    Graph g = x.graph();
    Tensor dy = gradients.of(y);
    gradients.write(x, dx -> g.record(new BackwardData(w, dy, dx)));
    gradients.write(
        w,
        dw -> {
          Tensor db = gradients.target(bias);
          g.record(new BackwardWeights(x, dy, dw, db));
          gradients.wrote(bias, db);
        });
    gradients.wrote(residual, dy);
  }

  /** dx = dy w. */
  public record BackwardData(Tensor w, Tensor dy, Tensor dx) implements Operation {
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
      return 2L * dy.rows() * w.elements();
    }
  }

  /** dw = dy^T x and db = the column sums of dy (or null), f32. */
  public record BackwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) implements Operation {
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
