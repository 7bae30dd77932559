package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.List;

/** The same elements with another shape; nothing is copied. */
public record Reshape(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x, int... shape) {
    Tensor y = x.graph().local("reshape", x.type(), List.of(x), shape);
    if (x.elements() != y.elements() || x.role() == Role.PARAMETER || x.role() == Role.GRADIENT) {
      throw new EngineException("reshape: " + x + " cannot be reshaped to " + y);
    }
    return x.graph().record(new Reshape(x, y)).y;
  }

  @Override
  public boolean view() {
    return true;
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
    return 0;
  }

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    gradients.wrote(x, of(gradients.of(y), x.shape()));
  }
}
