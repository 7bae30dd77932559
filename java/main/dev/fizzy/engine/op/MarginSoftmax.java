package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Mean cross-entropy of a softmax over scaled cosines, with a margin at the label: z = scale cos,
 * and scale (cos(theta + angular) - additive) at the label. Margin, softmax and logarithm are
 * computed in one pass over the cosines, and so is the gradient.
 *
 * <p>With an angular margin the label's cosine is clamped to 1e-6 away from +-1, where the angle
 * has no derivative. If theta + angular exceeds pi, the function continues as cos - angular
 * sin(angular), so that it keeps falling. Without one nothing is clamped: with no margins and scale
 * 1 this is the cross-entropy of any logits.
 *
 * @param cosines f32 [B,N]
 * @param labels I32 [B], each in 0..N-1; {@link #checkLabels} checks them before a step
 * @param margins f32 [B,2], from {@link Margin}
 * @param loss f32 [1]
 * @param accuracy f32 [1]: share of the rows whose label has the largest cosine, without margin
 * @param lse f32 [B], the logarithm of the softmax's denominator
 */
public record MarginSoftmax(
    Tensor cosines,
    Tensor labels,
    Tensor margins,
    float scale,
    Tensor loss,
    Tensor accuracy,
    Tensor lse)
    implements Operation {
  public static MarginSoftmax of(Tensor cosines, Tensor labels, Tensor margins, float scale) {
    int b = cosines.dim(0);
    if (cosines.rank() != 2 || cosines.type() != DType.F32 || cosines.dim(1) < 2 || !(scale > 0)) {
      throw new EngineException(
          "margin_softmax: takes f32 [B,N] cosines, N at least 2, and a positive scale, not "
              + cosines
              + " and "
              + scale);
    }
    if (labels.type() != DType.I32 || labels.elements() != b || margins.elements() != 2L * b) {
      throw new EngineException(
          "margin_softmax: labels " + labels + " and margins " + margins + " for " + cosines);
    }
    List<Tensor> from = List.of(cosines, labels, margins);
    Tensor loss = cosines.graph().local("margin_softmax", DType.F32, from, 1);
    Tensor accuracy = cosines.graph().local("margin_softmax.accuracy", DType.F32, from, 1);
    Tensor lse = cosines.graph().local("margin_softmax.lse", DType.F32, from, b);
    return cosines
        .graph()
        .record(new MarginSoftmax(cosines, labels, margins, scale, loss, accuracy, lse));
  }

  /** Throws if a label is not a class of the head. */
  public static void checkLabels(int[] labels, int classes) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new EngineException(
            "label "
                + labels[i]
                + " of row "
                + i
                + " is beyond the head, which has "
                + classes
                + " classes");
      }
    }
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(cosines, labels, margins);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(loss, accuracy, lse);
  }

  @Override
  public long flops() {
    return 15 * cosines.elements();
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dloss = gradients.of(loss);
    if (dloss != null) { // otherwise only the accuracy has a gradient
      gradients.write(
          cosines, dcosines -> cosines.graph().record(new Backward(this, dloss, dcosines)));
    }
  }

  /** dcosines f32 [B,N]. */
  public record Backward(MarginSoftmax forward, Tensor dloss, Tensor dcosines)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(forward.cosines, forward.labels, forward.margins, forward.lse, dloss);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dcosines);
    }

    @Override
    public long flops() {
      return 15 * dcosines.elements();
    }

    @Override
    public int inPlace() {
      return 0;
    }
  }
}
