package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * One step of a sampler, in place, with guidance combined in the same pass. With the row {kx, kp,
 * cx, c0, c1, c2, c3, cn, w, clamp} of {@code coefficients} that {@code step} picks:
 *
 * <pre>
 * p  = unconditional + w (conditional - unconditional), or the prediction as it is
 * x0 = kx x + kp p, clamped to [-clamp, clamp] where clamp &gt; 0
 * x  = cx x + c0 x0 + c1 h1 + c2 h2 + c3 h3 + cn noise
 * </pre>
 *
 * h_j is the x0 of j steps before; it is not read where its factor is 0. The noise is counted as
 * {@link RandomRows} tells, with purpose SAMPLER and the {@code step} given here instead of
 * random's own.
 *
 * @param x f32 [B,...], an input of the graph, updated in place
 * @param prediction the network's, [B,...], or [2B,...] with the conditional half first (guidance,
 *     Ho and Salimans 2022)
 * @param history f32 [past,B,...], past 1 to {@link #MAX_PAST}, an input of the graph: a ring whose
 *     slot i mod past step i fills with its x0; null where no sampler's row has c1, c2 or c3
 * @param coefficients f32 [steps,10]
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
  /** Most past predictions that a step can use. */
  public static final int MAX_PAST = 3;

  /** Floats in a row of the coefficients. */
  public static final int COEFFICIENTS = 7 + MAX_PAST;

  public static SamplerStep of(
      Tensor x,
      Tensor prediction,
      Tensor history,
      Tensor coefficients,
      Tensor step,
      Tensor rows,
      Tensor random) {
    RandomRows.check("sampler_step", x.dim(0), rows, random);
    requireInput(x);
    if (history != null) {
      requireInput(history);
      long past = history.elements() / x.elements();
      if (past < 1 || past > MAX_PAST || past * x.elements() != history.elements()) {
        throw new EngineException(
            "sampler_step: the history holds 1 to " + MAX_PAST + " of " + x + ", not " + history);
      }
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
          "sampler_step: coefficients must be f32 [steps,"
              + COEFFICIENTS
              + "] and step I32 [1], not "
              + coefficients
              + " and "
              + step);
    }
    return x.graph()
        .record(new SamplerStep(x, prediction, history, coefficients, step, rows, random));
  }

  private static void requireInput(Tensor t) {
    if (t.role() != Role.INPUT || t.type() != DType.F32) {
      throw new EngineException(
          "sampler_step: x and history are updated in place, so they must be f32 inputs, not " + t);
    }
  }

  /** Whether the prediction holds a conditional and an unconditional half. */
  public boolean guided() {
    return prediction.elements() == 2 * x.elements();
  }

  /** Past predictions that are kept, 0 to {@link #MAX_PAST}. */
  public int past() {
    return history == null ? 0 : Math.toIntExact(history.elements() / x.elements());
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, prediction, coefficients, step, rows, random, history);
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
    return ((guided() ? 31 : 28) + 2 * past()) * x.elements();
  }

  /** x is read and written, the past predictions are read, the newest is written. */
  @Override
  public long bytes() {
    return (past() == 0 ? 2 : 3 + past()) * x.bytes() + prediction.bytes();
  }
}
