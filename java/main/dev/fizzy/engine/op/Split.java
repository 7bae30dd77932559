package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * [a, b] = x along the last dimension; the inverse of {@link Concat}.
 *
 * @param x [..., A + B]
 * @param first A
 * @param a [..., A], or null if not wanted
 * @param b [..., B], or null if not wanted
 */
public record Split(Tensor x, int first, Tensor a, Tensor b) implements Operation {
  public static Split of(Tensor x, int first) {
    int[] left = x.shape();
    int[] right = x.shape();
    int last = left.length - 1;
    if (first < 1 || first >= left[last]) {
      throw new EngineException("split: " + x + " cannot be split after column " + first);
    }
    left[last] = first;
    right[last] -= first;
    Tensor a = x.graph().local("split", x.type(), List.of(x), left);
    Tensor b = x.graph().local("split", x.type(), List.of(x), right);
    return x.graph().record(new Split(x, first, a, b));
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return Operation.present(a, b);
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2 * outputs().stream().mapToLong(Tensor::bytes).sum();
  }

  @Override
  public void gradient(Gradients gradients) {
    gradients.write(x, dx -> Concat.into(gradients.of(a), gradients.of(b), dx));
  }
}
