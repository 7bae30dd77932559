package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import java.util.List;

/**
 * One optimizer step over the flat regions of all parameters of a network at once: the global
 * gradient norm, then in one pass clipping by that norm (Pascanu et al. 2013), Adam (Kingma and Ba
 * 2015) and the exponential moving average of the weights. With g the clipped gradient:
 *
 * <pre>
 * m = beta1 m + (1-beta1) g        v = beta2 v + (1-beta2) g^2
 * weight -= lr (m / (1-beta1^t)) / (sqrt(v / (1-beta2^t)) + eps)
 * average = decay average + (1-decay) weight
 * </pre>
 *
 * <p>If the norm is not finite, nothing is updated; the host reads the norm and stops. Record it
 * last: it runs at every evaluation, after the gradients. Floor: the regions are read and written
 * and the gradients read twice, 40 bytes a weight over bandwidth; 2 more where the weights are also
 * written rounded.
 *
 * @param parameters what is updated; they lie side by side in the regions
 * @param settings f32 [8]: lr, beta1, beta2, eps, 1-beta1^t, 1-beta2^t, decay of the average,
 *     maximum gradient norm (0: no clipping)
 * @param norm f32 [1], of the gradients before clipping
 */
public record Adam(List<Parameter> parameters, Tensor settings, Tensor norm) implements Operation {
  /** Floats in the settings. */
  public static final int SETTINGS = 8;

  /** Of all trained parameters that the graph has. */
  public static Adam of(Graph g, Tensor settings) {
    return of(g, g.parameters().stream().filter(Parameter::trained).toList(), settings);
  }

  public static Adam of(Graph g, List<Parameter> parameters, Tensor settings) {
    if (settings.type() != DType.F32 || settings.elements() != SETTINGS) {
      throw new EngineException("adam: settings must be f32 [8], not " + settings);
    }
    // Without inputs, so that it runs at every evaluation, whatever the stage of the settings.
    Tensor norm = g.output(g.local("gradient_norm", DType.F32, List.of(), 1));
    return g.record(new Adam(List.copyOf(parameters), settings, norm));
  }

  /**
   * The settings of step {@code t}, counted from 1. The bias corrections are computed from the
   * betas as rounded in the kernel.
   */
  public static float[] settings(
      double lr, double beta1, double beta2, double eps, long t, double decay, double maxNorm) {
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    return new float[] {
      (float) lr,
      b1,
      b2,
      (float) eps,
      (float) (1 - Math.pow(b1, t)),
      (float) (1 - Math.pow(b2, t)),
      (float) decay,
      (float) maxNorm
    };
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

  private long weights() {
    return parameters.stream().mapToLong(Parameter::elements).sum();
  }

  @Override
  public long flops() {
    return 18 * weights();
  }

  @Override
  public long bytes() {
    return 40 * weights();
  }

  @Override
  public long bytes(Weights weights) {
    return bytes() + (weights == Weights.NARROWED ? DType.BF16.bytes * weights() : 0);
  }
}
