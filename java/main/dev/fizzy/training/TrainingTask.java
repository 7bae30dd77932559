package dev.fizzy.training;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Tensor;
import java.util.Map;

/** A training task: a graph with its loss and gradients recorded, and the inputs of every step. */
public interface TrainingTask {
  /** The graph, to which {@link TrainingLoop} adds the {@link Optimizer}. */
  Graph graph();

  /** Scalars to report by name, f32 [1] each; the first is the loss. */
  Map<String, Tensor> metrics();

  /**
   * Writes the inputs of a step. They depend only on the seed and the step, so that a resumed run
   * continues as if it had never stopped.
   */
  void feed(Program program, long step);

  /**
   * The task of a step, counted from 0: this one, or another with the same trained parameters or
   * some of them, where a term of the loss applies to some steps only.
   */
  default TrainingTask at(long step) {
    return this;
  }

  /** Training examples per step. */
  int batch();

  /** Seconds that the last {@link #feed} waited for data; NaN if it never waits. */
  default double waited() {
    return Double.NaN;
  }
}
