package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.Test;

class ContextDropoutTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static Tensor record(Graph g, boolean empty, float p, float whole) {
    return ContextDropout.of(
        GradientCheck.parameter(g, "context", 6, 10),
        empty ? GradientCheck.parameter(g, "empty", 10) : null,
        p,
        whole,
        g.input("rows", DType.I32, Stage.EVALUATION, 6, 2),
        g.input("random", DType.I32, Stage.EVALUATION, 4));
  }

  /** Backward draws the mask of forward again, for the context and for the empty one. */
  @Test
  void gradientsAgreeWithDifferences() {
    try (Device device = open()) {
      new GradientCheck(device).check(g -> record(g, true, .25f, .5f));
      new GradientCheck(device).check(g -> record(g, true, 0, .5f));
      new GradientCheck(device).check(g -> record(g, false, .5f, 0));
    }
  }

  @Test
  void nothingIsRecordedWhereNothingIsDropped() {
    Graph g = new Graph(DType.F32);
    Tensor context = record(g, false, 0, 0);
    assertSame(GradientCheck.parameter(g, "context", 6, 10), context);
  }

  @Test
  void droppingWholeContextsNeedsAnEmptyOne() {
    assertThrows(EngineException.class, () -> record(new Graph(DType.F32), false, 0, .1f));
    assertThrows(EngineException.class, () -> record(new Graph(DType.F32), false, 1, 0));
  }
}
