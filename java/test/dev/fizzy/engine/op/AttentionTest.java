package dev.fizzy.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AttentionTest {
  protected Device open() {
    return new CpuDevice();
  }

  private static Tensor parameter(Graph g, String name, int... shape) {
    return g.parameter(Parameter.of(name, Parameter.Init.normal(0.8), shape));
  }

  @Test
  void selfAttentionHasTheGradientOfItsDifferences() {
    Graph g = new Graph(DType.F32);
    checkGradients(g, Attention.self(parameter(g, "qkv", 2, 3, 2, 3 * 16), 2));
  }

  @Test
  void crossAttentionHasTheGradientOfItsDifferences() {
    Graph g = new Graph(DType.F32);
    Tensor q = parameter(g, "q", 2, 5, 16);
    checkGradients(g, Attention.cross(q, parameter(g, "kv", 2, 3, 32), 1));
  }

  @Test
  void causalAttentionHasTheGradientOfItsDifferences() {
    Graph g = new Graph(DType.F32);
    checkGradients(g, Attention.causal(parameter(g, "qkv", 2, 5, 3 * 16), 2));
  }

  /** The cached attention of each position in turn is that row of the causal one. */
  @Test
  void cachedAttentionIsARowOfTheCausalOne() {
    int tokens = 4;
    int c = 16;
    Graph whole = new Graph(DType.F32);
    Tensor qkv = whole.input("qkv", DType.F32, Stage.EVALUATION, 2, tokens, 3 * c);
    Tensor y = whole.output(Attention.causal(qkv, 2));
    Graph step = new Graph(DType.F32);
    Tensor token = step.input("token", DType.F32, Stage.EVALUATION, 2, 1, 3 * c);
    Tensor position = step.input("position", DType.I32, Stage.EVALUATION, 1);
    Tensor cache = step.input("cache", DType.F32, Stage.EVALUATION, 2, tokens, 2 * c);
    Tensor next = step.output(CachedAttention.of(token, position, cache, 2));
    SplittableRandom random = new SplittableRandom(4);
    float[] values = new float[(int) qkv.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-2, 2);
    }
    try (Device device = open();
        Program all = new Program(whole, device, null);
        Program one = new Program(step, device, null)) {
      all.write(qkv, values);
      all.run();
      float[] expected = all.read(y);
      for (int at = 0; at < tokens; at++) {
        float[] row = new float[2 * 3 * c];
        for (int b = 0; b < 2; b++) {
          System.arraycopy(values, (b * tokens + at) * 3 * c, row, b * 3 * c, 3 * c);
        }
        one.write(token, row);
        one.write(position, new int[] {at});
        one.run();
        float[] got = one.read(next);
        for (int i = 0; i < got.length; i++) {
          assertEquals(expected[(i / c * tokens + at) * c + i % c], got[i], 2e-6);
        }
      }
    }
  }

  /** Learns from mean(y^2): the distance to a codebook whose one code is zero. */
  private void checkGradients(Graph g, Tensor y) {
    Tensor zero = g.input("zero", DType.F32, Stage.EVALUATION, 1, y.dim(-1));
    // With beta = 1 half of the loss is the encoder's, so its gradient is half the slope.
    Tensor loss = g.output(VectorQuantize.of(y, zero, 1).loss());
    g.backward(loss);
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
        Program program = new Program(g, device, parameters)) {
      program.write(zero, new float[y.dim(-1)]);
      parameters.initialize(5);
      program.run();
      for (Parameters.Slot slot : parameters.slots()) {
        float[] gradient = parameters.read(Region.GRADIENTS, slot);
        float[] values = parameters.read(Region.VALUES, slot);
        double largest = 0;
        for (float v : gradient) {
          largest = Math.max(largest, Math.abs(v));
        }
        float h = 0.02f;
        for (int i = 0; i < values.length; i += 5) {
          float x = values[i];
          values[i] = x + h;
          double above = lossOf(program, parameters, slot, values, loss);
          values[i] = x - h;
          double below = lossOf(program, parameters, slot, values, loss);
          values[i] = x;
          double slope = (above - below) / (2 * h);
          assertEquals(slope, 2 * gradient[i], 0.01 * largest, slot.parameter().name() + " " + i);
        }
        parameters.write(Region.VALUES, slot, values);
      }
    }
  }

  private static double lossOf(
      Program program, Parameters parameters, Parameters.Slot slot, float[] values, Tensor loss) {
    parameters.write(Region.VALUES, slot, values);
    program.run();
    return program.read(loss)[0];
  }

  @Test
  void oneKeyGivesItsValue() {
    Graph g = new Graph(DType.F32);
    Tensor q = g.input("q", DType.F32, Stage.EVALUATION, 1, 2, 8);
    Tensor kv = g.input("kv", DType.F32, Stage.EVALUATION, 1, 1, 16);
    Tensor y = g.output(Attention.cross(q, kv, 1));
    try (Device device = open();
        Program program = new Program(g, device, null)) {
      program.write(q, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1});
      program.write(kv, new float[] {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8});
      program.run();
      assertArrayEquals(
          new float[] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}, program.read(y));
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Graph g = new Graph(DType.F32);
    Tensor q = g.input("q", DType.F32, Stage.EVALUATION, 1, 4, 24);
    Tensor kv = g.input("kv", DType.F32, Stage.EVALUATION, 2, 4, 48);
    assertThrows(EngineException.class, () -> Attention.self(q, 3));
    assertThrows(EngineException.class, () -> Attention.cross(q, kv, 1));
    Tensor position = g.input("position", DType.I32, Stage.EVALUATION, 1);
    assertThrows(EngineException.class, () -> CachedAttention.of(q, position, kv, 1));
    Tensor token = g.input("token", DType.F32, Stage.EVALUATION, 1, 1, 24);
    assertThrows(EngineException.class, () -> CachedAttention.of(token, position, kv, 1));
  }
}
