package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.Test;

/** Whole training steps on a quadratic, with a state that no step may touch. */
class SgdTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static final int N = 21;
  private static final double CLIP = .05;
  private static final double DECAY = .01;

  private final Graph g = new Graph(DType.F32);
  private final Tensor settings = g.input("settings", DType.F32, Stage.STEP, Sgd.SETTINGS);
  private final Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 1, N);
  private final Tensor weight = GradientCheck.parameter(g, "weight", 1, N);
  private final Tensor loss = g.output(Loss.mse(weight, target));
  private final Tensor norm;

  SgdTest() {
    g.parameter(Parameter.state("state", Init.ONES, 1, N));
    g.backward(loss);
    norm = Sgd.of(g, settings).norm();
  }

  private Parameters open(Device device) {
    Region[] regions = {Region.VALUES, Region.GRADIENTS, Region.FIRST_MOMENT};
    return new Parameters(device, g.parameters(), regions);
  }

  @Test
  void followsThePublishedAlgorithm() {
    try (Device device = open();
        Parameters parameters = open(device);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(3);
      Parameters.Slot slot = parameters.slot("weight");
      float[] start = parameters.read(Region.VALUES, slot);
      float[] wanted = GradientCheck.noise(N);
      program.write(target, wanted);
      double[] w = new double[N];
      double[] v = new double[N];
      for (int i = 0; i < N; i++) {
        w[i] = start[i];
      }
      for (int t = 1; t <= 5; t++) {
        program.write(settings, Sgd.settings(.1, .9, DECAY, CLIP));
        program.run();
        double square = 0;
        for (int i = 0; i < N; i++) {
          square += Math.pow(2 * (w[i] - wanted[i]) / N, 2);
        }
        assertEquals(Math.sqrt(square), program.read(norm)[0], 1e-5);
        double clip = Math.min(1, CLIP / Math.sqrt(square));
        for (int i = 0; i < N; i++) {
          double gradient = clip * 2 * (w[i] - wanted[i]) / N + DECAY * w[i];
          v[i] = .9 * v[i] + gradient;
          w[i] -= .1 * v[i];
        }
      }
      float[] values = parameters.read(Region.VALUES, slot);
      for (int i = 0; i < N; i++) {
        assertEquals(w[i], values[i], 2e-6);
      }
      for (float one : parameters.read(Region.VALUES, parameters.slot("state"))) {
        assertEquals(1, one, 0, "weight decay reached a state");
      }
    }
  }

  @Test
  void aNormThatIsNotFiniteChangesNothing() {
    try (Device device = open();
        Parameters parameters = open(device);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(3);
      Parameters.Slot slot = parameters.slot("weight");
      float[] start = parameters.read(Region.VALUES, slot);
      float[] wanted = GradientCheck.noise(N);
      wanted[4] = Float.NaN;
      program.write(target, wanted);
      program.write(settings, Sgd.settings(.1, .9, 0, 1));
      program.run();
      assertTrue(Float.isNaN(program.read(norm)[0]));
      assertArrayEquals(start, parameters.read(Region.VALUES, slot));
    }
  }
}
