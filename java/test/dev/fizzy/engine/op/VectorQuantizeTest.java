package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.Test;

class VectorQuantizeTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final Parameter.Init NORMAL = Parameter.Init.normal(1);

  @Test
  void snapsToTheNearestCodeAndLearnsBothSides() {
    Graph g = new Graph(DType.F32);
    Tensor z = g.parameter(Parameter.of("z", NORMAL, 1, 1, 2, 2));
    Tensor codebook = g.parameter(Parameter.of("codebook", NORMAL, 3, 2));
    VectorQuantize q = VectorQuantize.of(z, codebook);
    g.output(q.quantized());
    g.output(q.indices());
    g.output(q.loss());
    g.backward(q.loss());
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      parameters.write(Region.VALUES, parameters.slot("z"), new float[] {1, 0, 3, 3});
      parameters.write(Region.VALUES, parameters.slot("codebook"), new float[] {9, 9, 1, 1, 3, 4});
      program.run();
      assertArrayEquals(new float[] {1, 1, 3, 4}, program.read(q.quantized()));
      byte[] indices = program.readBytes(q.indices());
      assertEquals(1, indices[0]);
      assertEquals(2, indices[4]);
      // Squared distances 1 and 1 over four elements.
      assertEquals(1.25 * 0.5, program.read(q.loss())[0], 1e-6);
      float[] dz = parameters.read(Region.GRADIENTS, parameters.slot("z"));
      assertArrayEquals(new float[] {0, -0.125f, 0, -0.125f}, dz, 1e-6f);
      float[] codes = parameters.read(Region.GRADIENTS, parameters.slot("codebook"));
      assertArrayEquals(new float[] {0, 0, 0, 0.5f, 0, 0.5f}, codes, 1e-6f);
    }
  }

  @Test
  void theGradientOfWhatIsQuantizedPassesStraightThrough() {
    Graph g = new Graph(DType.F32);
    Tensor z = Activation.silu(g.parameter(Parameter.of("x", NORMAL, 1, 1, 1, 2)));
    Tensor first = g.input("first", DType.F32, Stage.EVALUATION, 1, 2);
    Tensor second = g.input("second", DType.F32, Stage.EVALUATION, 1, 2);
    Tensor snapped = VectorQuantize.of(z, first).quantized();
    g.backward(VectorQuantize.of(snapped, second, 1).loss());
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      program.write(first, 1, 1);
      program.write(second, 3, -4);
      program.run();
      // The loss's slope in what was snapped is 1 - second, and SiLU's at 0 is 1/2.
      float[] dx = parameters.read(Region.GRADIENTS, parameters.slot("x"));
      assertArrayEquals(new float[] {-1, 2.5f}, dx, 1e-6f);
    }
  }

  @Test
  void embedsTimes() {
    Graph g = new Graph(DType.F32);
    Tensor t = g.input("t", DType.F32, Stage.STEP, 2);
    Tensor y = g.output(TimestepEmbedding.of(t, 4));
    try (Device device = open();
        Program program = new Program(g, device, null)) {
      program.write(t, 0, 500);
      program.run();
      float[] expected = {
        1,
        1,
        0,
        0,
        (float) Math.cos(500),
        (float) Math.cos(5),
        (float) Math.sin(500),
        (float) Math.sin(5)
      };
      assertArrayEquals(expected, program.read(y), 1e-6f);
    }
  }
}
