package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Copies a parameter [W] to every row of [rows, W], in the graph's type. For sampling; no gradient.
 */
public record Broadcast(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x, int rows) {
    if (x == null || x.rank() != 1) {
      throw new EngineException("broadcast: takes one row, not " + x);
    }
    Tensor y = x.graph().local("broadcast", x.graph().compute(), List.of(x), rows, x.dim(0));
    return x.graph().record(new Broadcast(x, y)).y;
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
