package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Latents as a decoder takes them: y = x / scale, divided in double and rounded, with the same bits
 * on every device. It has no gradient.
 *
 * @param x f32 [B,...]
 * @param y f32 [B,...]
 * @param extreme f32 [B], the element of each image with the largest magnitude; NaN if there is one
 */
public record Unscale(Tensor x, double scale, Tensor y, Tensor extreme) implements Operation {
  public static Unscale of(Tensor x, double scale) {
    if (x.type() != DType.F32) {
      throw new EngineException("unscale: takes f32, not " + x);
    }
    Tensor y = x.graph().local("unscale", DType.F32, List.of(x), x.shape());
    Tensor extreme = x.graph().local("unscale.extreme", DType.F32, List.of(x), x.dim(0));
    return x.graph().record(new Unscale(x, scale, y, extreme));
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y, extreme);
  }

  @Override
  public long flops() {
    return x.elements();
  }
}
