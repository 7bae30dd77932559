package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import java.util.List;

/**
 * One step of stochastic gradient descent over the flat regions of all parameters at once, like
 * torch.optim.SGD without dampening: the global gradient norm, then in one pass clipping by that
 * norm (Pascanu et al. 2013), weight decay and momentum. With g the clipped gradient:
 *
 * <pre>
 * velocity = momentum velocity + (g + decay weight)        weight -= lr velocity
 * </pre>
 *
 * <p>The velocity is the region FIRST_MOMENT and starts at zero. If the norm is not finite, nothing
 * is updated; the host reads the norm and stops. Record it last: it runs at every evaluation, after
 * the gradients. Floor: the regions are read and written and the gradients read twice, 24 bytes a
 * weight over bandwidth; 2 more where the weights are also written rounded.
 *
 * @param settings f32 [4]: lr, momentum, weight decay, maximum gradient norm (0: no clipping)
 * @param norm f32 [1], of the gradients before clipping
 */
public record Sgd(Tensor settings, Tensor norm) implements Operation {
  /** Floats in the settings. */
  public static final int SETTINGS = 4;

  public static Sgd of(Graph g, Tensor settings) {
    if (settings.type() != DType.F32 || settings.elements() != SETTINGS) {
      throw new EngineException("sgd: settings must be f32 [4], not " + settings);
    }
    // Without inputs, so that it runs at every evaluation, whatever the stage of the settings.
    Tensor norm = g.output(g.local("gradient_norm", DType.F32, List.of(), 1));
    return g.record(new Sgd(settings, norm));
  }

  /** The settings of one step. */
  public static float[] settings(double lr, double momentum, double weightDecay, double maxNorm) {
    return new float[] {(float) lr, (float) momentum, (float) weightDecay, (float) maxNorm};
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(settings);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(norm);
  }

  @Override
  public boolean optimizes() {
    return true;
  }

  @Override
  public long flops() {
    return 8 * settings.graph().trainedElements();
  }

  @Override
  public long bytes() {
    return 24 * settings.graph().trainedElements();
  }

  @Override
  public long bytes(Weights weights) {
    long rounded = DType.BF16.bytes * settings.graph().trainedElements();
    return bytes() + (weights == Weights.NARROWED ? rounded : 0);
  }
}
