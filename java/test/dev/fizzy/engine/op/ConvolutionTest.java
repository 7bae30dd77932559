package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Convolutions and matrix products chained, against finite differences and against themselves. */
class ConvolutionTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static Tensor parameter(Graph g, String name, int... shape) {
    return g.parameter(Parameter.of(name, Parameter.Init.normal(.3), shape));
  }

  /** A scalar that is linear in each parameter, through every operation that oneDNN computes. */
  private static Tensor loss(Graph g) {
    Tensor x = Cast.of(g.input("x", DType.F32, Stage.EVALUATION, 2, 6, 6, 3), g.compute());
    Tensor first =
        Convolution.of(
            x,
            parameter(g, "first.weight", 8, 3, 3, 3),
            parameter(g, "first.bias", 8),
            null,
            1,
            Convolution.Padding.same(1));
    Tensor second =
        Convolution.of(
            first,
            parameter(g, "second.weight", 8, 8, 3, 3),
            parameter(g, "second.bias", 8),
            first,
            1,
            Convolution.Padding.same(1));
    Tensor down =
        Convolution.of(
            second,
            parameter(g, "down.weight", 16, 8, 3, 3),
            null,
            null,
            2,
            new Convolution.Padding(0, 0, 1, 1));
    Tensor up =
        TransposedConvolution.of(
            down, parameter(g, "up.weight", 16, 8, 4, 4), parameter(g, "up.bias", 8), 2, 1);
    Tensor tokens = Reshape.of(up, 2, 36, 8);
    Tensor queries =
        Linear.of(tokens, parameter(g, "q.weight", 8, 8), parameter(g, "q.bias", 8), tokens);
    Tensor x0 = Reshape.of(x, 2, 36, 3);
    Tensor scores = MatMul.of(queries, x0, true, false, .2f);
    Tensor mixed = MatMul.of(x0, scores, false, true, .5f);
    Tensor flat = Reshape.of(mixed, 1, 2 * 36 * 8);
    Tensor sum = Linear.of(flat, parameter(g, "sum.weight", 1, 2 * 36 * 8), null, null);
    return g.output(Cast.of(sum, DType.F32));
  }

  private static float[] normals(int n, int index) {
    Philox random = new Philox(3, Philox.Purpose.NOISE, index);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    Graph g = new Graph(DType.F32);
    Tensor loss = loss(g);
    g.backward(loss);
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(1);
      program.write(program.input("x"), normals(2 * 6 * 6 * 3, 0));
      for (Parameters.Slot slot : parameters.slots()) {
        program.run();
        float[] gradient = parameters.read(Region.GRADIENTS, slot);
        float[] values = parameters.read(Region.VALUES, slot);
        float[] direction = normals(values.length, 1);
        double expected = 0;
        double size = 0;
        for (int i = 0; i < values.length; i++) {
          expected += (double) gradient[i] * direction[i];
          size += (double) gradient[i] * gradient[i];
        }
        // The loss is linear in each parameter: the step may be large, rounding alone is left.
        double measured =
            (shifted(program, slot, values, direction, 1)
                    - shifted(program, slot, values, direction, -1))
                / 2;
        parameters.write(Region.VALUES, slot, values);
        assertEquals(
            expected,
            measured,
            1e-4 * Math.sqrt(size) * Math.sqrt(values.length),
            slot.parameter().name());
        assertTrue(size > 0, slot.parameter().name());
      }
    }
  }

  private static double shifted(
      Program program, Parameters.Slot slot, float[] values, float[] direction, float step) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * direction[i];
    }
    program.parameters().write(Region.VALUES, slot, moved);
    program.run();
    return program.read(program.graph().outputs().get(0))[0];
  }

  /** Packed weights (sampling) and weights packed in the run (training) must mean the same. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void packedAndUnpackedWeightsAgree(DType type) {
    Graph sampling = new Graph(type);
    final Tensor sampled = loss(sampling);
    Graph training = new Graph(type);
    Tensor trained = loss(training);
    training.backward(trained);
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, training.parameters(), Region.VALUES, Region.GRADIENTS)) {
      parameters.initialize(1);
      try (Program a = new Program(sampling, device, parameters);
          Program b = new Program(training, device, parameters)) {
        float[] x = normals(2 * 6 * 6 * 3, 0);
        a.write(a.input("x"), x);
        b.write(b.input("x"), x);
        a.run();
        b.run();
        assertArrayEquals(b.read(trained), a.read(sampled), type == DType.F32 ? 1e-4f : .1f);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 4, 4, 3);
    Tensor w = parameter(g, "w", 8, 4, 3, 3);
    EngineException e =
        assertThrows(
            EngineException.class,
            () -> Convolution.of(x, w, null, null, 1, Convolution.Padding.same(1)));
    assertEquals(
        "convolution: weights w[8x4x3x3] with stride 1 do not fit x[1x4x4x3]", e.getMessage());
    assertEquals(List.of(), g.nodes());
  }
}
