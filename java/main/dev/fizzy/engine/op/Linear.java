package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

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
    List<Tensor> from = Stream.of(x, w, bias, residual).filter(Objects::nonNull).toList();
    Tensor y = x.graph().local("linear", x.type(), from, shape);
    Convolution.checkEpilogue("linear", bias, residual, y);
    return x.graph().record(new Linear(x, w, bias, residual, y)).y;
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public List<Tensor> inputs() {
    return Stream.of(x, w, bias, residual).filter(Objects::nonNull).toList();
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
    Tensor dy = gradients.of(y);
    if (gradients.wants(x)) {
      Tensor dx = gradients.target(x);
      x.graph().record(new BackwardData(w, dy, dx));
      gradients.wrote(x, dx);
    }
    if (gradients.wants(w)) {
      Tensor dw = gradients.target(w);
      Tensor db = gradients.wants(bias) ? gradients.target(bias) : null;
      x.graph().record(new BackwardWeights(x, dy, dw, db));
      gradients.wrote(w, dw);
      if (db != null) {
        gradients.wrote(bias, db);
      }
    }
    if (gradients.wants(residual)) {
      gradients.wrote(residual, dy);
    }
  }

  /** dx = dy w. */
  public record BackwardData(Tensor w, Tensor dy, Tensor dx) implements Operation {
    @Override
    public String name() {
      return "linear_backward_data";
    }

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
    public String name() {
      return "linear_backward_weights";
    }

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
