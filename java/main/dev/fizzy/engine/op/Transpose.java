package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The transpose of each matrix of a batch.
 *
 * @param x [B, R, C]
 * @param y [B, C, R]
 */
public record Transpose(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x) {
    if (x.rank() != 3) {
      throw new EngineException("transpose: " + x + " is not [B, R, C]");
    }
    Tensor y = x.graph().local("transpose", x.type(), List.of(x), x.dim(0), x.dim(2), x.dim(1));
    return x.graph().record(new Transpose(x, y)).y;
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
  public void gradient(Gradients gradients) {
    gradients.write(x, dx -> x.graph().record(new Transpose(gradients.of(y), dx)));
  }
}
