package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.StandIn;
import dev.fizzy.engine.cuda.StandIn.Counter;
import dev.fizzy.engine.cuda.StandIn.Setting;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The three ways to add a bias and a residual to a convolution agree. */
@StandIn
class CudaConvolutionWaysTest {
  @AfterEach
  void restore() {
    Setting.FUSION.set(true);
    Setting.BETA.set(true);
  }

  private record Result(List<String> implementations, float[] y) {}

  /** Bias alone; then a residual alone and both, where the residual is not read again. */
  private static Result run(DType type) {
    Graph g = new Graph(type);
    Tensor x = Cast.of(g.input("x", DType.F32, Stage.EVALUATION, 2, 5, 5, 4), type);
    Tensor w = g.parameter(Parameter.of("w", Parameter.Init.normal(.2), 4, 4, 3, 3));
    Tensor bias = g.parameter(Parameter.of("b", Parameter.Init.normal(.2), 4));
    Convolution.Padding padding = Convolution.Padding.same(1);
    Tensor first = Convolution.of(x, w, bias, null, 1, padding);
    Tensor second = Convolution.of(first, w, null, Activation.silu(first), 1, padding);
    Tensor third = Convolution.of(second, w, bias, Activation.silu(second), 1, padding);
    Tensor y = g.output(Cast.of(third, DType.F32));
    long violations = Counter.VIOLATIONS.value();
    try (Device device = Devices.open("cuda", 1);
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(1);
      program.load();
      float[] values = new float[2 * 5 * 5 * 4];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.sin(i);
      }
      program.write(program.input("x"), values);
      program.run();
      float[] out = program.read(y);
      assertEquals(violations, Counter.VIOLATIONS.value());
      return new Result(
          program.launches(Stage.EVALUATION).stream()
              .filter(l -> l.node().operation() instanceof Convolution)
              .map(Program.Launch::implementation)
              .distinct()
              .toList(),
          out);
    }
  }

  @Test
  void agree() {
    Result exact = run(DType.F32);
    Result fused = run(DType.BF16);
    Setting.FUSION.set(false);
    Result accumulated = run(DType.BF16);
    Setting.BETA.set(false);
    Result after = run(DType.BF16);
    Result exactAfter = run(DType.F32);
    assertTrue(exact.y[0] != 0 && Float.isFinite(exact.y[0]));
    assertEquals(List.of("cuDNN, added to bias and residual"), exact.implementations);
    assertEquals(List.of("cuDNN, bias and residual fused"), fused.implementations);
    assertEquals(exact.implementations, accumulated.implementations);
    assertEquals(List.of("cuDNN, bias and residual added after it"), after.implementations);
    assertEquals(after.implementations, exactAfter.implementations);
    assertArrayEquals(exact.y, exactAfter.y, 1e-5f);
    for (Result rounded : List.of(fused, accumulated, after)) {
      assertArrayEquals(exact.y, rounded.y, .05f);
    }
  }
}
