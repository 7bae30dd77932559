package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = x / max(|x|, 1e-12) for each row. No gradient passes through the output {@code norm}.
 *
 * @param x f32 [R, C]
 * @param y f32 [R, C]
 * @param norm f32 [R], |x|
 */
public record L2Normalize(Tensor x, Tensor y, Tensor norm) implements Operation {
  public static L2Normalize of(Tensor x) {
    if (x.type() != DType.F32 || x.rank() != 2) {
      throw new EngineException("l2_normalize: takes f32 [R,C], not " + x);
    }
    Tensor y = x.graph().local("l2_normalize", DType.F32, List.of(x), x.shape());
    Tensor norm = x.graph().local("l2_normalize.norm", DType.F32, List.of(x), x.dim(0));
    return x.graph().record(new L2Normalize(x, y, norm));
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y, norm);
  }

  @Override
  public long flops() {
    return 3 * x.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    if (gradients.of(norm) != null) {
      throw new EngineException("l2_normalize: no gradient passes through the norms");
    }
    gradients.write(x, dx -> x.graph().record(new Backward(y, norm, gradients.of(y), dx)));
  }

  /** dx = (dy - y (y . dy)) / max(|x|, 1e-12). */
  public record Backward(Tensor y, Tensor norm, Tensor dy, Tensor dx) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy, y, norm);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return 5 * dx.elements();
    }

    @Override
    public int inPlace() {
      return 0;
    }
  }
}
