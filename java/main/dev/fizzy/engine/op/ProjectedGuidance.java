package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Classifier-free guidance (Ho and Salimans 2022) with only a share of the change that is parallel
 * to the predicted clean image, which raises contrast and saturation (adaptive projected guidance:
 * Sadat et al., ICLR 2025, without its momentum and its bound of the norm). With kx, kp and w of
 * the row of {@code coefficients} that {@code step} selects for the image, see {@link SamplerStep},
 * and for each image c, u and d = c - u of the prediction's halves, X = kx x + kp c:
 *
 * <pre>
 * y = u + w d - (w - 1) (1 - parallel) (&lt;d, X&gt; / &lt;X, X&gt;) X   where w &gt; 1, else u + w d
 * </pre>
 *
 * @param x f32 [B,...]
 * @param prediction [2B,...], the conditional half first
 * @param coefficients f32 [steps,10]
 * @param step I32 [1], or [B] with a step for each image
 * @param parallel share that is kept, 0 to 1; 1 would be guidance as published
 * @param y f32 [B,...]
 */
public record ProjectedGuidance(
    Tensor x, Tensor prediction, Tensor coefficients, Tensor step, float parallel, Tensor y)
    implements Operation {
  public static Tensor of(
      Tensor x, Tensor prediction, Tensor coefficients, Tensor step, float parallel) {
    if (x.type() != DType.F32 || prediction.elements() != 2 * x.elements()) {
      throw new EngineException(
          "projected_guidance: takes x in f32 and a prediction twice as large, not "
              + x
              + " and "
              + prediction);
    }
    if (step.elements() != 1 && step.elements() != x.dim(0)) {
      throw new EngineException(
          "projected_guidance: takes one step or one for each of " + x.dim(0) + " images: " + step);
    }
    if (!(parallel >= 0 && parallel <= 1)) {
      throw new EngineException("projected_guidance: the share is 0 to 1, not " + parallel);
    }
    List<Tensor> inputs = List.of(x, prediction, coefficients, step);
    Tensor y = x.graph().local("projected_guidance", DType.F32, inputs, x.shape());
    x.graph().record(new ProjectedGuidance(x, prediction, coefficients, step, parallel, y));
    return y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x, prediction, coefficients, step);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 14 * x.elements();
  }
}
