package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.Test;

/** A whole training step on a quadratic: loss, gradient, norm, clipping, weights and average. */
class AdamTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final int N = 21;
  private static final double CLIP = .05;

  private final Graph g = new Graph(DType.F32);
  private final Tensor settings = g.input("settings", DType.F32, Stage.STEP, Adam.SETTINGS);
  private final Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 1, N);
  private final Tensor weight = GradientCheck.parameter(g, "weight", 1, N);
  private final Tensor loss = g.output(Loss.mse(weight, target));
  private final Tensor norm;

  AdamTest() {
    g.backward(loss);
    norm = Adam.of(g, settings).norm();
  }

  private static double decay(int t) {
    return t == 1 ? 0 : .5;
  }

  @Test
  void followsThePublishedAlgorithm() {
    try (Device device = open();
        Parameters parameters = new Parameters(device, g.parameters(), Region.values());
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(3);
      Parameters.Slot slot = parameters.slot("weight");
      float[] start = parameters.read(Region.VALUES, slot);
      float[] wanted = GradientCheck.noise(N);
      program.write(target, wanted);
      double[] w = new double[N];
      double[] m = new double[N];
      double[] v = new double[N];
      double[] average = new double[N];
      for (int i = 0; i < N; i++) {
        w[i] = start[i];
      }
      for (int t = 1; t <= 5; t++) {
        program.write(settings, Adam.settings(.1, .9, .99, 1e-8, t, decay(t), CLIP));
        program.run();
        double square = 0;
        for (int i = 0; i < N; i++) {
          square += Math.pow(2 * (w[i] - wanted[i]) / N, 2);
        }
        assertEquals(Math.sqrt(square), program.read(norm)[0], 1e-5);
        double clip = Math.min(1, CLIP / Math.sqrt(square));
        for (int i = 0; i < N; i++) {
          double gradient = clip * 2 * (w[i] - wanted[i]) / N;
          m[i] = .9 * m[i] + .1 * gradient;
          v[i] = .99 * v[i] + .01 * gradient * gradient;
          double step =
              m[i] / (1 - Math.pow(.9, t)) / (Math.sqrt(v[i] / (1 - Math.pow(.99, t))) + 1e-8);
          w[i] -= .1 * step;
          average[i] = decay(t) * average[i] + (1 - decay(t)) * w[i];
        }
      }
      float[] values = parameters.read(Region.VALUES, slot);
      float[] averages = parameters.read(Region.AVERAGE, slot);
      for (int i = 0; i < N; i++) {
        assertEquals(w[i], values[i], 2e-5);
        assertEquals(average[i], averages[i], 2e-5);
      }
    }
  }

  @Test
  void aNormThatIsNotFiniteChangesNothing() {
    try (Device device = open();
        Parameters parameters = new Parameters(device, g.parameters(), Region.values());
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(3);
      Parameters.Slot slot = parameters.slot("weight");
      float[] start = parameters.read(Region.VALUES, slot);
      float[] wanted = GradientCheck.noise(N);
      wanted[4] = Float.NaN;
      program.write(target, wanted);
      program.write(settings, Adam.settings(.1, .9, .99, 1e-8, 1, 0, 1));
      program.run();
      assertTrue(Float.isNaN(program.read(norm)[0]));
      assertArrayEquals(start, parameters.read(Region.VALUES, slot));
      assertArrayEquals(new float[N], parameters.read(Region.AVERAGE, slot));
    }
  }
}
