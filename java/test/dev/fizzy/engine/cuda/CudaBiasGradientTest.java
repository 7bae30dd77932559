package dev.fizzy.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import dev.fizzy.engine.cuda.StandIn.Counter;
import dev.fizzy.engine.cuda.StandIn.Setting;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The product that gives the gradient of the weights gives that of the bias too, if it can. */
@StandIn
class CudaBiasGradientTest {
  private static final int ROWS = 9;
  private static final int IN = 6;
  private static final int OUT = 5;

  @AfterEach
  void restore() {
    Setting.restore();
  }

  private record Result(String implementation, float[] weights, float[] bias) {}

  private static Result run(DType type) {
    Graph g = new Graph(type);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, ROWS, IN);
    Tensor w = g.parameter(Parameter.of("w", Parameter.Init.normal(.5), OUT, IN));
    Tensor b = g.parameter(Parameter.of("b", Parameter.Init.normal(.5), OUT));
    Tensor y = Cast.of(Linear.of(Cast.of(x, type), w, b, null), DType.F32);
    g.backward(Loss.mse(y, g.input("target", DType.F32, Stage.EVALUATION, ROWS, OUT)));
    long violations = Counter.VIOLATIONS.value();
    try (Device device = Devices.open("cuda", 1);
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(1);
      for (Tensor input : g.inputs().values()) {
        float[] values = new float[Math.toIntExact(input.elements())];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) Math.sin(values.length + i);
        }
        program.write(input, values);
      }
      program.run();
      List<Program.Launch> products =
          program.launches(Stage.EVALUATION).stream()
              .filter(l -> l.node().operation() instanceof Linear.BackwardWeights)
              .toList();
      assertEquals(1, products.size());
      float[] dw = parameters.read(Region.GRADIENTS, parameters.slot("w"));
      float[] db = parameters.read(Region.GRADIENTS, parameters.slot("b"));
      assertEquals(violations, Counter.VIOLATIONS.value());
      return new Result(products.get(0).implementation(), dw, db);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void agrees(DType type) {
    Result fused = run(type);
    Setting.FUSION.set(false);
    Result apart = run(type);
    assertEquals("cuBLASLt, bias gradient in the same pass", fused.implementation());
    assertEquals("cuBLASLt", apart.implementation());
    assertArrayEquals(apart.weights(), fused.weights());
    assertArrayEquals(apart.bias(), fused.bias(), 1e-6f);
  }
}
