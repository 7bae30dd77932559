package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = [a, b] along the last dimension.
 *
 * @param a [..., A], or null for zeros
 * @param b [..., B], or null for zeros
 * @param y [..., A + B]
 */
public record Concat(Tensor a, Tensor b, Tensor y) implements Operation {
  public static Tensor of(Tensor a, Tensor b) {
    int[] shape = a.shape();
    int last = shape.length - 1;
    int[] others = b.shape();
    boolean fits = a.rank() == b.rank() && a.type() == b.type();
    if (!fits || !Arrays.equals(shape, 0, last, others, 0, last)) {
      throw new EngineException("concat: " + a + " and " + b + " differ before the last dimension");
    }
    shape[last] += others[last];
    return into(a, b, a.graph().local("concat", a.type(), List.of(a, b), shape));
  }

  static Tensor into(Tensor a, Tensor b, Tensor y) {
    return y.graph().record(new Concat(a, b, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(a, b);
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
  public void gradient(Gradients gradients) {
    Tensor da = gradients.target(a);
    Tensor db = gradients.target(b);
    y.graph().record(new Split(gradients.of(y), a.dim(-1), da, db));
    gradients.wrote(a, da);
    gradients.wrote(b, db);
  }
}
