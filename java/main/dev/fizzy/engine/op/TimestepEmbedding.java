package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The sinusoidal embedding of a diffusion time (Ho et al. 2020, after Vaswani et al. 2017): cos(t
 * f_i) in the first half of the columns, sin(t f_i) in the second, f_i = 10000^(-i / (width / 2)).
 *
 * @param t f32 [B]
 * @param y [B, width], in the graph's type
 */
public record TimestepEmbedding(Tensor t, Tensor y) implements Operation {
  /**
   * @param t times in steps of the schedule, f32 [B]
   * @param width even
   */
  public static Tensor of(Tensor t, int width) {
    if (t.rank() != 1 || t.type() != DType.F32 || width < 2 || width % 2 != 0) {
      throw new EngineException("timestep_embedding: times " + t + ", width " + width);
    }
    Tensor y =
        t.graph().local("timestep_embedding", t.graph().compute(), List.of(t), t.dim(0), width);
    return t.graph().record(new TimestepEmbedding(t, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(t);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 20 * y.elements();
  }
}
