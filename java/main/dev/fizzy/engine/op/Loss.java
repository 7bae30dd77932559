package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The mean over all elements of (p - t)^2, |p - t|, max(0, 1 - p t) or -p t, with the prediction p
 * and the target t. In an adversarial training (Lim & Ye 2017) t is 1 for real and -1 for generated
 * images: hinge is the discriminator's loss, linear the generator's.
 *
 * @param prediction f32 or bf16
 * @param target of the same shape, f32 or the type of the prediction; has no gradient
 * @param loss f32 [1]
 */
public record Loss(Kind kind, Tensor prediction, Tensor target, Tensor loss) implements Operation {
  /** The distances; kernels take the ordinal. */
  public enum Kind {
    MSE,
    L1,
    HINGE,
    LINEAR
  }

  public static Tensor mse(Tensor prediction, Tensor target) {
    return of(Kind.MSE, prediction, target);
  }

  public static Tensor l1(Tensor prediction, Tensor target) {
    return of(Kind.L1, prediction, target);
  }

  public static Tensor hinge(Tensor prediction, Tensor target) {
    return of(Kind.HINGE, prediction, target);
  }

  public static Tensor linear(Tensor prediction, Tensor target) {
    return of(Kind.LINEAR, prediction, target);
  }

  private static Tensor of(Kind kind, Tensor prediction, Tensor target) {
    boolean typed = target.type() == DType.F32 || target.type() == prediction.type();
    if (!typed || !Arrays.equals(prediction.shape(), target.shape())) {
      throw new EngineException("loss: " + prediction + " cannot be compared with " + target);
    }
    Tensor loss = prediction.graph().local("loss", DType.F32, List.of(prediction, target), 1);
    return prediction.graph().record(new Loss(kind, prediction, target, loss)).loss;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(prediction, target);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(loss);
  }

  @Override
  public long flops() {
    return 3 * prediction.elements();
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dloss = gradients.of(loss);
    gradients.write(
        prediction,
        down -> loss.graph().record(new Backward(kind, prediction, target, dloss, down)));
  }

  /** dprediction = dloss / N times 2 (p - t), sign(p - t), -t where p t < 1, or -t. */
  public record Backward(
      Kind kind, Tensor prediction, Tensor target, Tensor dloss, Tensor dprediction)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return List.of(prediction, target, dloss);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dprediction);
    }

    @Override
    public long flops() {
      return 2 * dprediction.elements();
    }

    @Override
    public int inPlace() {
      return 0;
    }
  }
}
