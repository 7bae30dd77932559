package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Compares the gradients that {@link Graph#backward} records with central differences. What is
 * differentiated are parameters, so a test makes every tensor it wants checked one.
 */
final class GradientCheck {
  private static final float STEP = 1e-2f;

  private final Device device;

  GradientCheck(Device device) {
    this.device = device;
  }

  /** A parameter of N(0, 1) values. */
  static Tensor parameter(Graph g, String name, int... shape) {
    return g.parameter(Parameter.of(name, Parameter.Init.normal(1), shape));
  }

  /** Checks the gradient of the mean square distance of {@code network}'s result from noise. */
  void check(Function<Graph, Tensor> network) {
    checkScalar(
        g -> {
          Tensor y = network.apply(g);
          return Loss.mse(y, g.input("target", DType.F32, Stage.EVALUATION, y.shape()));
        });
  }

  /** Checks the gradient of the scalar that {@code network} gives; an input "target" is noise. */
  void checkScalar(Function<Graph, Tensor> network) {
    Graph g = new Graph(DType.F32);
    Tensor loss = g.output(network.apply(g));
    g.backward(loss);
    try (Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(7);
      g.inputs().values().forEach(t -> fill(program, t));
      program.run();
      float before = program.read(loss)[0];
      for (Parameters.Slot slot : parameters.slots()) {
        if (!slot.parameter().trained()) {
          continue;
        }
        program.run(); // the last one had another parameter moved
        assertEquals(before, program.read(loss)[0], 0, "a second run");
        float[] gradient = parameters.read(Region.GRADIENTS, slot);
        compare(program, parameters, slot, loss, gradient);
      }
    }
  }

  /** Noise, or 0, 1, 2, ... where the input takes integers. */
  private static void fill(Program program, Tensor t) {
    if (t.type() == DType.I32) {
      program.write(t, IntStream.range(0, Math.toIntExact(t.elements())).toArray());
    } else {
      program.write(t, noise(t.elements()));
    }
  }

  private static void compare(
      Program program, Parameters parameters, Parameters.Slot slot, Tensor loss, float[] gradient) {
    float[] values = parameters.read(Region.VALUES, slot);
    double[] expected = new double[values.length];
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      float at = values[i];
      double[] sides = new double[2];
      for (int side = 0; side < 2; side++) {
        values[i] = side == 0 ? at - STEP : at + STEP;
        parameters.write(Region.VALUES, slot, values);
        program.run();
        sides[side] = program.read(loss)[0];
      }
      values[i] = at;
      expected[i] = (sides[1] - sides[0]) / ((double) (at + STEP) - (at - STEP));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    parameters.write(Region.VALUES, slot, values);
    assertTrue(largest > 1e-4, slot.parameter().name() + " does not matter, gradient " + largest);
    for (int i = 0; i < values.length; i++) {
      // Rounding of the loss, 6e-8 over twice the step, and the difference's own error, step^2.
      assertEquals(
          expected[i], gradient[i], 2e-5 + 3e-3 * largest, slot.parameter().name() + " " + i);
    }
  }

  /** N(0, 1), the same at every call. */
  static float[] noise(long n) {
    Philox random = new Philox(11, Philox.Purpose.INITIALIZE, 1 << 20);
    float[] values = new float[Math.toIntExact(n)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
