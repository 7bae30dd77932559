package dev.fizzy.engine.op;

import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Two copies of the batch, for an evaluation with and without context (classifier-free guidance, Ho
 * & Salimans 2022). Used only for sampling, so it has no gradient.
 *
 * @param x [B, ...]
 * @param y [2B, ...]
 */
public record Duplicate(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x) {
    int[] shape = x.shape();
    shape[0] *= 2;
    Tensor y = x.graph().local("duplicate", x.type(), List.of(x), shape);
    return x.graph().record(new Duplicate(x, y)).y;
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
}
