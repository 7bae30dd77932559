package dev.fizzy.engine.op;

import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The batch twice: with and without context in one evaluation, for classifier-free guidance (Ho &
 * Salimans 2022). For sampling alone, so no gradient passes through it.
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
