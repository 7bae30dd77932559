package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = a b, element by element.
 *
 * @param a [B, ..., C]
 * @param b as a, or [B, 1, ..., C], which multiplies every pixel
 * @param y as a
 */
public record Multiply(Tensor a, Tensor b, Tensor y) implements Operation {
  public static Tensor of(Tensor a, Tensor b) {
    boolean same = Arrays.equals(a.shape(), b.shape());
    boolean pixel = b.dim(0) == a.dim(0) && b.elements() == (long) a.dim(0) * a.dim(-1);
    if (a.type() != b.type()
        || a.rank() != b.rank()
        || !same && !(pixel && b.dim(-1) == a.dim(-1))) {
      throw new EngineException("multiply: " + a + " cannot be multiplied by " + b);
    }
    Tensor y = a.graph().local("multiply", a.type(), List.of(a, b), a.shape());
    return a.graph().record(new Multiply(a, b, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(a, b);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return y.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor da = gradients.target(a);
    Tensor db = gradients.target(b);
    if (da != null || db != null) {
      a.graph().record(new Backward(a, b, gradients.of(y), da, db));
    }
    gradients.wrote(a, da);
    gradients.wrote(b, db);
  }

  /** da as a, db as b; either may be null. */
  public record Backward(Tensor a, Tensor b, Tensor dy, Tensor da, Tensor db) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy, a, b);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(da, db);
    }

    @Override
    public long flops() {
      return (da == null ? 0 : dy.elements()) + (db == null ? 0 : 2 * dy.elements());
    }
  }
}
