package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = a + scale b, all of one shape: combines gradients by a factor that the graph computes. It has
 * no gradient itself.
 *
 * @param scale f32 [1]
 */
public record AddScaled(Tensor a, Tensor scale, Tensor b, Tensor y) implements Operation {
  public static Tensor of(Tensor a, Tensor scale, Tensor b) {
    if (!Arrays.equals(a.shape(), b.shape()) || a.type() != b.type()) {
      throw new EngineException("add_scaled: " + a + " and " + b + " differ");
    }
    if (scale.elements() != 1 || scale.type() != DType.F32) {
      throw new EngineException("add_scaled: " + scale + " is not an f32 scalar");
    }
    Tensor y = a.graph().local("add_scaled", a.type(), List.of(a, scale, b), a.shape());
    return a.graph().record(new AddScaled(a, scale, b, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(a, scale, b);
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
}
