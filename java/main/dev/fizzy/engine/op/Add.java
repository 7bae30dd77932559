package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/** y = a + b, all of one shape. */
public record Add(Tensor a, Tensor b, Tensor y) implements Operation {
  public static Tensor of(Tensor a, Tensor b) {
    return into(a, b, a.graph().local("add", a.type(), List.of(a, b), a.shape()));
  }

  /** As {@link #of}, but writes to an existing tensor. */
  public static Tensor into(Tensor a, Tensor b, Tensor y) {
    if (!Arrays.equals(a.shape(), b.shape()) || a.type() != b.type()) {
      throw new EngineException("add: " + a + " and " + b + " differ");
    }
    return a.graph().record(new Add(a, b, y)).y;
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
    for (Tensor input : inputs()) {
      gradients.wrote(input, gradients.of(y));
    }
  }
}
