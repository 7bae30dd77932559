package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = x where x > 0, else slope x, with a learned slope (He et al. 2015).
 *
 * @param x [..., C]
 * @param slope f32 [C]
 * @param y as x
 */
public record PRelu(Tensor x, Tensor slope, Tensor y) implements Operation {
  public static Tensor of(Tensor x, Tensor slope) {
    checkSlope("prelu", x, slope);
    Tensor y = x.graph().local("prelu", x.type(), List.of(x, slope), x.shape());
    return x.graph().record(new PRelu(x, slope, y)).y;
  }

  /** Checks that there is one f32 slope per channel of x. */
  static void checkSlope(String operation, Tensor x, Tensor slope) {
    if (slope.type() != DType.F32 || slope.elements() != x.dim(-1)) {
      throw new EngineException(operation + ": slopes " + slope + " do not fit " + x);
    }
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x, slope);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2 * y.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dx = gradients.target(x);
    Tensor dslope = gradients.target(slope);
    x.graph().record(new Backward(x, slope, gradients.of(y), dx, dslope));
    gradients.wrote(x, dx);
    gradients.wrote(slope, dslope);
  }

  /** dx as x, dslope f32 [C]; either may be null. */
  public record Backward(Tensor x, Tensor slope, Tensor dy, Tensor dx, Tensor dslope)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy, x, slope);
    }

    @Override
    public List<Tensor> outputs() {
      if (dx == null || dslope == null) {
        return List.of(dx == null ? dslope : dx);
      }
      return List.of(dx, dslope);
    }

    @Override
    public long flops() {
      return 4 * dy.elements();
    }

    @Override
    public int inPlace() {
      return dx == null ? -1 : 0;
    }
  }
}
