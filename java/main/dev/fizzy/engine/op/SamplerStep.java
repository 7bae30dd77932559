package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * One step of a sampler, in place, including guidance. With the row {kx, kp, cx, c0, c1, c2, c3,
 * cn, w, clamp} of {@code coefficients} that {@code step} selects:
 *
 * <pre>
 * p  = unconditional + w (conditional - unconditional), or the prediction as it is
 * x0 = kx x + kp p, clamped to [-clamp, clamp] where clamp &gt; 0
 * x  = cx x + c0 x0 + c1 h1 + c2 h2 + c3 h3 + cn noise
 * </pre>
 *
 * h_j is the x0 predicted j steps ago; it is not read if its coefficient is 0. Random numbers are
 * those of {@link RandomRows}, with purpose SAMPLER and with this {@code step} instead of the one
 * in {@code random}.
 *
 * @param x f32 [B,...], an input of the graph, updated in place
 * @param prediction the network's, [B,...], or [2B,...] with the conditional half first (guidance,
 *     Ho and Salimans 2022)
 * @param history f32 [past,B,...], past 1 to {@link #MAX_PAST}, an input of the graph: a ring
 *     buffer: step i writes its x0 to slot i mod past; null if no row of the coefficients has c1,
 *     c2 or c3
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
  /** Maximum number of past predictions that a step can use. */
  public static final int MAX_PAST = 3;

  /** Floats in a row of the coefficients. */
  public static final int COEFFICIENTS = 7 + MAX_PAST;

  /** The place of the guidance weight in a row. */
  public static final int GUIDANCE = COEFFICIENTS - 2;

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
          "sampler_step: the prediction must have the size of x or twice that, not "
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

  /** The number of past predictions stored, 0 to {@link #MAX_PAST}. */
  public int past() {
    return history == null ? 0 : Math.toIntExact(history.elements() / x.elements());
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, prediction, coefficients, step, rows, random, history);
  }

  /** None: x and history are updated in place. So the step runs at every evaluation. */
  @Override
  public List<Tensor> outputs() {
    return List.of();
  }

  @Override
  public long flops() {
    return ((guided() ? 31 : 28) + 2 * past()) * x.elements();
  }

  /** x is read and written, the past predictions are read, the new one is written. */
  @Override
  public long bytes() {
    return (past() == 0 ? 2 : 3 + past()) * x.bytes() + prediction.bytes();
  }
}
