package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Dropout (Srivastava et al. 2014): each element becomes zero with {@code probability}, the others
 * are scaled by 1/(1-probability). Random numbers are those of {@link RandomRows}, with purpose
 * DROPOUT; backward is the same operation on the gradient and draws the same mask again.
 *
 * @param x [B,W], f32 or bf16
 */
public record Dropout(Tensor x, float probability, Tensor rows, Tensor random, Tensor y)
    implements Operation {
  public static Tensor of(Tensor x, float probability, Tensor rows, Tensor random) {
    if (x.rank() != 2 || x.type() != DType.F32 && x.type() != DType.BF16) {
      throw new EngineException("dropout: takes [B,W], not " + x);
    }
    if (!(probability >= 0 && probability < 1)) {
      throw new EngineException("dropout: probability " + probability + " must be in [0,1)");
    }
    if (probability == 0) {
      return x;
    }
    RandomRows.check("dropout", x.dim(0), rows, random);
    Tensor y = x.graph().local("dropout", x.type(), List.of(x, rows, random), x.shape());
    return x.graph().record(new Dropout(x, probability, rows, random, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x, rows, random);
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

  @Override
  public void gradient(Gradients gradients) {
    gradients.write(
        x, dx -> x.graph().record(new Dropout(gradients.of(y), probability, rows, random, dx)));
  }
}
