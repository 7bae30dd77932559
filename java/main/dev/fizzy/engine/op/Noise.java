package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y f32 [B,...] with independent N(0, 1) elements: Box and Muller over the Philox words of {@link
 * RandomRows}, with purpose NOISE. The same bits at every instruction-set level.
 */
public record Noise(Tensor rows, Tensor random, Tensor y) implements Operation {
  /**
   * @param shape of the result, including the batch
   */
  public static Tensor normal(Graph g, Tensor rows, Tensor random, int... shape) {
    RandomRows.check("noise", shape[0], rows, random);
    Tensor y = g.local("noise", DType.F32, List.of(rows, random), shape);
    return g.record(new Noise(rows, random, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(rows, random);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  /** An estimate for logarithm, root, sine and cosine; Philox is integer arithmetic. */
  @Override
  public long flops() {
    return 20 * y.elements();
  }
}
