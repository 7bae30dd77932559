package dev.fizzy.engine.op;

import static dev.fizzy.engine.op.GradientCheck.parameter;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gradients by differences, and what the operations refuse. */
class RecognitionOperationsTest {
  private static final float EPS = 1e-5f;

  private Device device;
  private GradientCheck gradients;

  protected Device open() {
    return new CpuDevice();
  }

  @BeforeEach
  void start() {
    device = open();
    gradients = new GradientCheck(device);
  }

  @AfterEach
  void stop() {
    device.close();
  }

  private static BatchNorm.Running running(Graph g, int c) {
    return new BatchNorm.Running(
        g.parameter(Parameter.state("running_mean", Init.ZEROS, c)),
        g.parameter(Parameter.state("running_var", Init.ONES, c)));
  }

  private static Tensor norm(Graph g, Tensor x, Tensor slope, Tensor residual, boolean training) {
    int c = x.dim(-1);
    Tensor gamma = parameter(g, "gamma", c);
    Tensor beta = parameter(g, "beta", c);
    return BatchNorm.of(x, gamma, beta, slope, residual, running(g, c), training, EPS);
  }

  @Test
  void batchNorm() {
    gradients.check(g -> norm(g, parameter(g, "x", 2, 3, 2, 5), null, null, true));
  }

  @Test
  void batchNormWithPRelu() {
    gradients.check(
        g -> {
          Tensor slope =
              parameter(g, "slope", 3); // first: no x then lies within a step of the kink
          return norm(g, parameter(g, "x", 6, 3), slope, null, true);
        });
  }

  @Test
  void batchNormWithResidual() {
    gradients.check(
        g -> {
          Tensor x = parameter(g, "x", 6, 3);
          return norm(g, x, null, Softmax.of(x), true);
        });
  }

  @Test
  void runningStatisticsMoveAsPyTorchs() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 4, 1);
    g.output(norm(g, x, null, null, true));
    try (Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
        Program program = new Program(g, device, parameters)) {
      parameters.initialize(7);
      program.write(x, 1, 2, 3, 6); // mean 3, squares about it 14
      program.run();
      assertEquals(.3f, state(parameters, "running_mean"), 1e-6);
      assertEquals(.9f + .1f * 14 / 3, state(parameters, "running_var"), 1e-6);
      program.run();
      assertEquals(.57f, state(parameters, "running_mean"), 1e-6);
    }
  }

  private static float state(Parameters parameters, String name) {
    return parameters.read(Region.VALUES, parameters.slot(name))[0];
  }

  @Test
  void inferenceReadsTheRunningStatistics() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 2);
    Tensor y = g.output(norm(g, x, null, null, false));
    try (Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
        Program program = new Program(g, device, parameters)) {
      write(parameters, "gamma", 2, 3);
      write(parameters, "beta", 1, 0);
      write(parameters, "running_mean", 5, -1);
      write(parameters, "running_var", 4, 1);
      program.write(x, 7, 1);
      program.run();
      assertArrayEquals(new float[] {3, 6}, program.read(y), 1e-4f);
      assertEquals(5, state(parameters, "running_mean"), 0, "inference changed a state");
    }
  }

  private static void write(Parameters parameters, String name, float... values) {
    parameters.write(Region.VALUES, parameters.slot(name), values);
  }

  @Test
  void batchNormRefusesOneRow() {
    Graph g = new Graph(DType.F32);
    Tensor x = parameter(g, "x", 1, 3);
    assertThrows(EngineException.class, () -> norm(g, x, null, null, true));
  }

  @Test
  void aFrozenBatchNormPassesAGradientToItsInput() {
    gradients.check(
        g -> {
          Tensor gamma = g.parameter(Parameter.state("gamma", Init.normal(1), 3));
          Tensor beta = g.parameter(Parameter.state("beta", Init.normal(1), 3));
          BatchNorm.Running running =
              new BatchNorm.Running(
                  g.parameter(Parameter.state("running_mean", Init.normal(1), 3)),
                  g.parameter(
                      Parameter.state("running_var", new Init(Init.Kind.CONSTANT, 2.5f), 3)));
          Tensor x = parameter(g, "x", 4, 3);
          return BatchNorm.of(x, gamma, beta, null, null, running, false, EPS);
        });
  }

  @Test
  void nothingIsLearnedThroughRunningStatistics() {
    Graph g = new Graph(DType.F32);
    Tensor y = norm(g, parameter(g, "x", 4, 3), null, null, false);
    Tensor loss = Loss.mse(y, g.input("target", DType.F32, Stage.EVALUATION, 4, 3));
    assertThrows(EngineException.class, () -> g.backward(loss));
  }

  @Test
  void prelu() {
    gradients.check(
        g -> {
          Tensor slope =
              parameter(g, "slope", 4); // first: no x then lies within a step of the kink
          return PRelu.of(PRelu.of(parameter(g, "x", 3, 4), slope), slope);
        });
  }

  @Test
  void l2Normalize() {
    gradients.check(g -> L2Normalize.of(parameter(g, "x", 4, 9)).y());
  }

  private static Tensor dropped(Graph g, Tensor x, float p) {
    return Dropout.of(
        x,
        p,
        g.input("rows", DType.I32, Stage.EVALUATION, x.dim(0), 2),
        g.input("random", DType.I32, Stage.EVALUATION, 4));
  }

  @Test
  void dropout() {
    gradients.check(g -> dropped(g, parameter(g, "x", 6, 10), .4f));
    Graph g = new Graph(DType.F32);
    Tensor x = parameter(g, "x", 6, 10);
    assertSame(x, dropped(g, x, 0));
    assertThrows(EngineException.class, () -> dropped(new Graph(DType.F32), x, 1));
  }

  @Test
  void statesLieBehindWhatIsTrained() {
    Graph g = new Graph(DType.F32);
    norm(g, parameter(g, "x", 4, 3), null, null, true);
    parameter(g, "later", 7);
    try (Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      for (Parameters.Slot slot : parameters.slots()) {
        boolean behind = slot.offset() >= parameters.trainedElements();
        assertEquals(!slot.parameter().trained(), behind, slot.parameter().name());
      }
      assertEquals(12 + 3 + 3 + 7, parameters.count());
    }
  }
}
