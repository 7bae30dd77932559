package dev.fizzy.engine.op;

import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/** y = exp(x) / sum of exp(x), over the last dimension. */
public record Softmax(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x) {
    Tensor y = x.graph().local("softmax", x.type(), List.of(x), x.shape());
    return x.graph().record(new Softmax(x, y)).y;
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
    return 12 * y.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    gradients.write(x, dx -> x.graph().record(new Backward(y, gradients.of(y), dx)));
  }

  /** dx = y (dy - sum of dy y). */
  public record Backward(Tensor y, Tensor dy, Tensor dx) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(y, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return 4 * dx.elements();
    }

    @Override
    public int inPlace() {
      return 1;
    }
  }
}
