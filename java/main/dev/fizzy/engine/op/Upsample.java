package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Doubles height and width by nearest neighbor: each pixel is copied four times.
 *
 * @param x [B, H, W, C]
 * @param y [B, 2H, 2W, C]
 */
public record Upsample(Tensor x, Tensor y) implements Operation {
  public static Tensor of(Tensor x) {
    if (x.rank() != 4) {
      throw new EngineException("upsample: " + x + " is not [B, H, W, C]");
    }
    Tensor y =
        x.graph()
            .local(
                "upsample", x.type(), List.of(x), x.dim(0), 2 * x.dim(1), 2 * x.dim(2), x.dim(3));
    return x.graph().record(new Upsample(x, y)).y;
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
    gradients.write(x, dx -> x.graph().record(new Backward(gradients.of(y), dx)));
  }

  /** dx = the sum of the four pixels of dy that were copied from x. */
  public record Backward(Tensor dy, Tensor dx) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public long flops() {
      return dy.elements();
    }
  }
}
