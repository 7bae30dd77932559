package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = the sum of weights times scalars: the terms of a loss.
 *
 * @param weights as many as scalars
 * @param scalars each f32 [1]
 * @param y f32 [1]
 */
public record WeightedSum(List<Float> weights, List<Tensor> scalars, Tensor y)
    implements Operation {
  public static Tensor of(float[] weights, Tensor... scalars) {
    List<Float> list = new ArrayList<>();
    for (float weight : weights) {
      list.add(weight);
    }
    return of(list, List.of(scalars));
  }

  public static Tensor of(List<Float> weights, List<Tensor> scalars) {
    if (weights.isEmpty() || weights.size() != scalars.size()) {
      throw new EngineException(
          "weighted_sum: " + weights.size() + " weights for " + scalars.size() + " scalars");
    }
    for (Tensor scalar : scalars) {
      if (scalar.elements() != 1 || scalar.type() != DType.F32) {
        throw new EngineException("weighted_sum: " + scalar + " is not an f32 scalar");
      }
    }
    Tensor y = scalars.get(0).graph().local("weighted_sum", DType.F32, scalars, 1);
    return y.graph().record(new WeightedSum(List.copyOf(weights), scalars, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return scalars;
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * scalars.size();
  }

  @Override
  public void gradient(Gradients gradients) {
    for (int i = 0; i < scalars.size(); i++) {
      List<Float> weight = List.of(weights.get(i));
      gradients.write(
          scalars.get(i),
          part -> y.graph().record(new WeightedSum(weight, List.of(gradients.of(y)), part)));
    }
  }
}
