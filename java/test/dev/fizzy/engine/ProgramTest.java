package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import org.junit.jupiter.api.Test;

class ProgramTest {
  @Test
  void replaysARecordedGraph() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 3);
    Tensor y = g.output(Add.of(Activation.silu(x), x));
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(x, 0, 1, 2, 3, 4, 5);
      program.run();
      float[] out = program.read(y);
      for (int i = 0; i < 6; i++) {
        assertEquals(i / (1 + Math.exp(-i)) + i, out[i], 1e-5);
      }
    }
  }

  @Test
  void aUseThatDoesNotReachTheLossTakesNothingFromAGradient() {
    float[] expected = gradient(1);
    assertArrayEquals(expected, gradient(2));
    assertArrayEquals(expected, gradient(3));
  }

  /** The gradient of a loss that sees the first of {@code uses} uses of a weight. */
  private static float[] gradient(int uses) {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 3);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, 4);
    Tensor w = g.parameter(Parameter.of("w", Parameter.Init.ONES, 4, 3));
    Tensor y = Linear.of(x, w, null, null);
    for (int i = 1; i < uses; i++) {
      Linear.of(x, w, null, null);
    }
    g.backward(Loss.mse(y, target));
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS)) {
      parameters.initialize(1);
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, new float[] {1, 2, 3, 4, 5, 6});
        program.write(target, new float[8]);
        program.run();
        return parameters.read(Region.GRADIENTS, parameters.slot("w"));
      }
    }
  }
}
