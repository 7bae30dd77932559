package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.cuda.StandIn;
import dev.fizzy.engine.op.Adam;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.Reshape;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** No operation of a training in bf16 copies weights to convert or transpose them. */
@StandIn
class CudaWeightCopiesTest {
  /** Workspaces of the stand-ins, in bytes. */
  private static final Set<Long> CUBLASLT = Set.of(4096L);

  private static final Set<Long> CUDNN = Set.of(8192L);

  private static final int B = 2;
  private static final int SIDE = 4;
  private static final int WIDTH = 8;

  private final Graph g = new Graph(DType.BF16);

  private Tensor parameter(String name, int... shape) {
    return g.parameter(Parameter.of(name, Parameter.Init.normal(.3), shape));
  }

  private Tensor convolution(String name, Tensor h) {
    Tensor w = parameter(name, WIDTH, h.dim(3), 3, 3);
    return Convolution.of(h, w, null, null, 1, Convolution.Padding.same(1));
  }

  @Test
  void operationsThatReadWeightsNeedOnlyTheWorkspacesOfTheLibraries() {
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, B, SIDE, SIDE, 3);
    Tensor h = convolution("second", convolution("first", Cast.of(x, g.compute())));
    Tensor tokens = Reshape.of(h, B * SIDE * SIDE, WIDTH);
    Tensor y = Linear.of(tokens, parameter("w", 4, WIDTH), parameter("b", 4), null);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, y.shape());
    g.backward(g.output(Loss.mse(y, Cast.of(target, g.compute()))));
    Adam.of(g, g.input("settings", DType.F32, Stage.EVALUATION, Adam.SETTINGS));
    Map<String, Set<Long>> scratch = new TreeMap<>();
    try (Device device = Devices.open("cuda", 1)) {
      for (Plan.Step step : new Plan(g, device).steps()) {
        Operation o = step.node().operation();
        if (o.inputs().stream().anyMatch(t -> t.role() == Role.PARAMETER)) {
          long bytes = step.scratch() == null ? 0 : step.scratch().bytes;
          scratch.computeIfAbsent(o.name(), k -> new TreeSet<>()).add(bytes);
        }
      }
    }
    assertEquals(
        Map.of(
            "convolution", CUDNN,
            "convolution_backward_data", CUDNN,
            "linear", CUBLASLT,
            "linear_backward_data", CUBLASLT),
        scratch);
  }
}
