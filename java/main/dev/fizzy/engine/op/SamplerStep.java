package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * One step of a sampler, in place, with guidance combined in the same pass. With the row {kx, kp,
 * cx, c0, c1, cn, w, clamp} of {@code coefficients} that {@code step} picks:
 *
 * <pre>
 * p       = unconditional + w (conditional - unconditional), or the prediction as it is
 * x0      = kx x + kp p, clamped to [-clamp, clamp] where clamp &gt; 0
 * x       = cx x + c0 x0 + c1 history + cn noise
 * history = x0
 * </pre>
 *
 * History is not read where c1 is 0. The noise is counted as {@link RandomRows} tells, with purpose
 * SAMPLER and the {@code step} given here instead of random's own.
 *
 * @param x f32 [B,...], an input of the graph, updated in place
 * @param prediction the network's, [B,...], or [2B,...] with the conditional half first (guidance,
 *     Ho and Salimans 2022)
 * @param history f32, shape of x, an input of the graph: x0 of the step before, updated in place
 * @param coefficients f32 [steps,8]
 * @param step I32 [1]
 */
public record SamplerStep(
    Tensor x,
    Tensor prediction,
    Tensor history,
    Tensor coefficients,
    Tensor step,
    Tensor rows,
    Tensor random)
    implements Operation {
  /** Floats in a row of the coefficients. */
  public static final int COEFFICIENTS = 8;

  public static SamplerStep of(
      Tensor x,
      Tensor prediction,
      Tensor history,
      Tensor coefficients,
      Tensor step,
      Tensor rows,
      Tensor random) {
    RandomRows.check("sampler_step", x.dim(0), rows, random);
    if (x.role() != Role.INPUT
        || history.role() != Role.INPUT
        || x.type() != DType.F32
        || history.type() != DType.F32
        || !Arrays.equals(x.shape(), history.shape())) {
      throw new EngineException(
          "sampler_step: x and history are updated in place, so they must be f32 inputs of one shape,"
              + " not "
              + x
              + " and "
              + history);
    }
    if (prediction.elements() != x.elements() && prediction.elements() != 2 * x.elements()) {
      throw new EngineException(
          "sampler_step: the prediction must be as large as x or twice that, not "
              + prediction
              + " for "
              + x);
    }
    if (coefficients.type() != DType.F32
        || coefficients.rank() != 2
        || coefficients.dim(1) != COEFFICIENTS
        || step.type() != DType.I32
        || step.elements() != 1) {
      throw new EngineException(
          "sampler_step: coefficients must be f32 [steps,8] and step I32 [1], not "
              + coefficients
              + " and "
              + step);
    }
    return x.graph()
        .record(new SamplerStep(x, prediction, history, coefficients, step, rows, random));
  }

  /** Whether the prediction holds a conditional and an unconditional half. */
  public boolean guided() {
    return prediction.elements() == 2 * x.elements();
  }

  @Override
  public String name() {
    return "sampler_step";
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x, prediction, history, coefficients, step, rows, random);
  }

  /**
   * None that the graph knows of: x and history keep their places, so the step runs at every
   * evaluation.
   */
  @Override
  public List<Tensor> outputs() {
    return List.of();
  }

  @Override
  public long flops() {
    return (guided() ? 33 : 30) * x.elements();
  }

  /** x and history are read and written. */
  @Override
  public long bytes() {
    return 4 * x.bytes() + prediction.bytes();
  }
}
