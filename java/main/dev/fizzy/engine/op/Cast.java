package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/** The same values in another type, F32 or BF16, rounded to nearest even. */
public record Cast(Tensor x, Tensor y) implements Operation {
  /** Returns x itself if it already has the type. */
  public static Tensor of(Tensor x, DType type) {
    if (x.type() == type) {
      return x;
    }
    if (x.type().code > DType.BF16.code || type.code > DType.BF16.code) {
      throw new EngineException("cast: " + x + " cannot become " + type);
    }
    Tensor y = x.graph().local("cast", type, List.of(x), x.shape());
    return x.graph().record(new Cast(x, y)).y;
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
    gradients.write(x, dx -> x.graph().record(new Cast(gradients.of(y), dx)));
  }
}
