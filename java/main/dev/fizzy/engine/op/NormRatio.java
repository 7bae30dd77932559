package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = weight min(10^4, |a| / (|b| + 10^-4)): the adaptive weight of an adversarial loss (VQGAN,
 * Esser et al., CVPR 2021). It has no gradient.
 *
 * @param a f32, the gradient of the reconstruction loss with respect to the last layer's weights
 * @param b f32, as many, that of the adversarial loss
 * @param y f32 [1]
 */
public record NormRatio(Tensor a, Tensor b, float weight, Tensor y) implements Operation {
  public static Tensor of(Tensor a, Tensor b, float weight) {
    if (a.elements() != b.elements() || a.type() != DType.F32 || b.type() != DType.F32) {
      throw new EngineException("norm_ratio: " + a + " and " + b + " are not f32 of one size");
    }
    Tensor y = a.graph().local("norm_ratio", DType.F32, List.of(a, b), 1);
    return a.graph().record(new NormRatio(a, b, weight, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(a, b);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 4 * a.elements();
  }
}
