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
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What group norm, softmax, losses and operations on shape do on every device. */
public abstract class OperationContract {
  private static final float EPS = 1e-5f;

  private Device device;
  private GradientCheck gradients;

  protected abstract Device open();

  @BeforeEach
  void start() {
    device = open();
    gradients = new GradientCheck(device);
  }

  @AfterEach
  void stop() {
    device.close();
  }

  private static Tensor norm(Graph g, Tensor x, String name, boolean silu) {
    Tensor gamma = parameter(g, name + ".gamma", x.dim(-1));
    Tensor beta = parameter(g, name + ".beta", x.dim(-1));
    return GroupNorm.of(x, gamma, beta, 2, EPS, silu);
  }

  @Test
  void groupNorm() {
    gradients.check(g -> norm(g, parameter(g, "x", 2, 3, 2, 6), "n", true));
    gradients.check(g -> norm(g, parameter(g, "x", 2, 5, 6), "n", false));
  }

  @Test
  void groupNormThatIsSharedByTwo() {
    gradients.check(
        g -> {
          Tensor x = parameter(g, "x", 2, 5, 6);
          return norm(g, norm(g, x, "n", true), "n", true);
        });
  }

  @Test
  void adaptiveGroupNorm() {
    for (int rows = 1; rows <= 2; rows++) {
      int n = rows;
      gradients.check(
          g -> {
            Tensor gamma = parameter(g, "gamma", 6);
            Tensor beta = parameter(g, "beta", 6);
            Tensor scale = parameter(g, "scale", n, 6);
            Tensor shift = parameter(g, "shift", n, 6);
            Tensor x = parameter(g, "x", 2, 5, 6);
            return GroupNorm.adaptive(x, gamma, beta, scale, shift, null, 3, EPS, true);
          });
    }
  }

  @Test
  void groupNormRefusesChannelsThatDoNotDivide() {
    Graph g = new Graph(DType.F32);
    Tensor x = parameter(g, "x", 2, 5, 6);
    Tensor p = parameter(g, "p", 6);
    assertThrows(EngineException.class, () -> GroupNorm.of(x, p, p, 4, EPS, false));
  }

  @Test
  void groupNormInBf16StaysNearF32() {
    float[] exact = normalised(DType.F32);
    assertArrayEquals(exact, normalised(DType.BF16), 0.03f);
  }

  private float[] normalised(DType type) {
    Graph g = new Graph(type);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 5, 6);
    Tensor one = g.input("gamma", DType.F32, Stage.EVALUATION, 6);
    Tensor zero = g.input("beta", DType.F32, Stage.EVALUATION, 6);
    Tensor y = g.output(GroupNorm.of(Cast.of(x, type), one, zero, 2, EPS, true));
    try (Program program = new Program(g, device, null)) {
      program.write(x, GradientCheck.noise(60));
      program.write(one, 1, 1, 1, 1, 1, 1);
      program.write(zero, new float[6]);
      program.run();
      return program.read(y);
    }
  }

  @Test
  void softmax() {
    gradients.check(g -> Softmax.of(parameter(g, "x", 3, 9)));
  }

  @Test
  void concat() {
    gradients.check(
        g -> {
          Tensor a = parameter(g, "a", 2, 3, 4);
          return Concat.of(Concat.of(a, parameter(g, "b", 2, 3, 5)), a);
        });
  }

  @Test
  void split() {
    gradients.check(
        g -> {
          Split both = Split.of(Softmax.of(parameter(g, "x", 3, 7)), 4);
          return Concat.of(both.b(), both.a());
        });
    gradients.check(g -> Split.of(parameter(g, "x", 2, 3), 1).a());
  }

  @Test
  void upsample() {
    gradients.check(g -> Upsample.of(parameter(g, "x", 2, 2, 3, 4)));
    float[] y = run(Upsample::of, new float[] {1, 2, 3, 4}, 1, 2, 2, 1);
    assertArrayEquals(new float[] {1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, y);
  }

  @Test
  void maxPool() {
    float[] x = {-1, -2, -3, -4, -5, -6, -7, -8, -9};
    assertArrayEquals(new float[] {-1}, run(t -> MaxPool.of(t, 2, 2, false), x, 1, 3, 3, 1));
    float[] up = run(t -> MaxPool.of(t, 2, 2, true), x, 1, 3, 3, 1);
    assertArrayEquals(new float[] {-1, -3, -7, -9}, up);
    float[] channels = run(t -> MaxPool.of(t, 2, 1, false), Arrays.copyOf(x, 8), 1, 2, 2, 2);
    assertArrayEquals(new float[] {-1, -2}, channels);
    Tensor small = parameter(new Graph(DType.F32), "x", 1, 2, 2, 1);
    assertThrows(EngineException.class, () -> MaxPool.of(small, 3, 1, false));
  }

  @Test
  void maxPoolWithPadding() {
    float[] x = {-1, -2, -3, -4, -5, -6, -7, -8, -9};
    Convolution.Padding one = Convolution.Padding.same(1);
    float[] y = run(t -> MaxPool.of(t, 3, 2, one, false), x, 1, 3, 3, 1);
    assertArrayEquals(new float[] {-1, -2, -4, -5}, y, "padding is no value");
    gradients.check(g -> MaxPool.of(parameter(g, "x", 1, 4, 3, 2), 3, 2, one, false));
    gradients.check(g -> MaxPool.of(parameter(g, "x", 1, 3, 3, 2), 2, 2, true));
    Tensor small = parameter(new Graph(DType.F32), "x", 1, 2, 2, 1);
    Convolution.Padding two = Convolution.Padding.same(2);
    assertThrows(EngineException.class, () -> MaxPool.of(small, 2, 1, two, false));
  }

  @Test
  void depthwiseConvolution() {
    for (int stride = 1; stride <= 2; stride++) {
      int s = stride;
      gradients.check(
          g ->
              DepthwiseConvolution.of(
                  parameter(g, "x", 2, 5, 6, 5),
                  parameter(g, "w", 3, 2, 5),
                  parameter(g, "b", 5),
                  null,
                  s,
                  new Convolution.Padding(1, 0, 1, 1)));
    }
    Graph g = new Graph(DType.F32);
    Tensor x = parameter(g, "x", 1, 4, 4, 3);
    Tensor w = parameter(g, "w", 3, 3, 2);
    Convolution.Padding one = Convolution.Padding.same(1);
    assertThrows(EngineException.class, () -> DepthwiseConvolution.of(x, w, null, null, 1, one));
  }

  @Test
  void depthwiseConvolutionWithPRelu() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 1, 2, 2);
    Tensor w = g.input("w", DType.F32, Stage.EVALUATION, 1, 1, 2);
    Tensor slope = g.input("slope", DType.F32, Stage.EVALUATION, 2);
    Convolution.Padding none = Convolution.Padding.same(0);
    Tensor y = g.output(DepthwiseConvolution.of(x, w, null, slope, 1, none));
    try (Program program = new Program(g, device, null)) {
      program.write(x, 1, -2, 3, -4);
      program.write(w, 2, 3);
      program.write(slope, .5f, .25f);
      program.run();
      assertArrayEquals(new float[] {2, -1.5f, 6, -3}, program.read(y), 1e-6f);
    }
  }

  @Test
  void multiply() {
    gradients.check(g -> Multiply.of(parameter(g, "a", 2, 3, 5), parameter(g, "b", 2, 3, 5)));
    gradients.check(g -> Multiply.of(parameter(g, "a", 2, 3, 2, 5), parameter(g, "b", 2, 1, 1, 5)));
    Graph g = new Graph(DType.F32);
    Tensor a = parameter(g, "a", 2, 3, 5);
    Tensor b = parameter(g, "b", 2, 2, 5);
    assertThrows(EngineException.class, () -> Multiply.of(a, b));
  }

  @Test
  void activations() {
    for (Activation.Kind kind : Activation.Kind.values()) {
      gradients.check(g -> Activation.of(kind, parameter(g, "x", 3, 4)));
    }
    float[] x = {-4, -1, 1, 7};
    float[][] wanted = {
      {.01798621f, .26894143f, .7310586f, .999089f},
      {0, 0, 1, 6},
      {0, 1 / 3f, 2 / 3f, 1},
      {0, -1 / 3f, 2 / 3f, 7}
    };
    for (int i = 0; i < wanted.length; i++) {
      Activation.Kind kind = Activation.Kind.values()[2 + i];
      assertArrayEquals(wanted[i], run(t -> Activation.of(kind, t), x, 4), 1e-6f, kind.name());
    }
  }

  @Test
  void transpose() {
    gradients.check(g -> Transpose.of(parameter(g, "x", 2, 3, 4)));
    float[] y = run(Transpose::of, new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, y);
  }

  @Test
  void duplicate() {
    float[] y = run(Duplicate::of, new float[] {1, 2, 3, 4}, 2, 2);
    assertArrayEquals(new float[] {1, 2, 3, 4, 1, 2, 3, 4}, y);
  }

  @Test
  void cast() {
    float[] x = {1, 1.00390625f, -3.0078125f, 1e30f};
    float[] there = run(t -> Cast.of(Cast.of(t, DType.BF16), DType.F32), x, 4);
    assertArrayEquals(new float[] {1, 1, -3, 1e30f}, there, 1e28f);
    assertEquals(1, there[1], 0, "half a step rounds to even");
    Graph g = new Graph(DType.F32);
    Tensor same = g.input("x", DType.F32, Stage.EVALUATION, 2);
    assertSame(same, Cast.of(same, DType.F32));
  }

  @Test
  void losses() {
    gradients.check(g -> parameter(g, "x", 4, 5));
    gradients.checkScalar(
        g -> {
          Tensor x = parameter(g, "x", 4, 5);
          return Loss.l1(x, g.input("target", DType.F32, Stage.EVALUATION, 4, 5));
        });
  }

  @Test
  void adversarialLosses() {
    gradients.checkScalar(
        g -> {
          Tensor x = parameter(g, "x", 4, 5);
          Tensor labels = filled(g, -1, 4, 5);
          return WeightedSum.of(
              new float[] {.5f, .2f}, Loss.hinge(x, labels), Loss.linear(x, labels));
        });
    float[] x = {3, .5f, -1, -2};
    float hinge = (0 + .5f + 2 + 3) / 4;
    assertArrayEquals(
        new float[] {hinge}, run(t -> Loss.hinge(t, filled(t.graph(), 1, 4)), x, 4), 1e-6f);
    assertArrayEquals(
        new float[] {-.125f}, run(t -> Loss.linear(t, filled(t.graph(), 1, 4)), x, 4), 1e-6f);
  }

  private static Tensor filled(Graph g, float value, int... shape) {
    Tensor y = g.local("filled", DType.F32, java.util.List.of(), shape);
    return g.record(new Fill(y, value)).y();
  }

  @Test
  void leakyRelu() {
    gradients.check(g -> Activation.leakyRelu(parameter(g, "x", 3, 4)));
    float[] y = run(Activation::leakyRelu, new float[] {2, 0, -2}, 3);
    assertArrayEquals(new float[] {2, 0, -.4f}, y, 1e-7f);
  }

  @Test
  void addScaledAndNormRatio() {
    float[] y = run(t -> AddScaled.of(t, filled(t.graph(), -2, 1), t), new float[] {1, -3, .5f}, 3);
    assertArrayEquals(new float[] {-1, 3, -.5f}, y);
    float[] ratio =
        run(t -> NormRatio.of(t, filled(t.graph(), 2, 4), .5f), new float[] {6, 0, 8, 0}, 4);
    assertEquals(.5 * 10 / (4 + 1e-4), ratio[0], 1e-5);
    float[] clamped =
        run(t -> NormRatio.of(t, filled(t.graph(), 0, 2), .5f), new float[] {3, 4}, 2);
    assertEquals(5000, clamped[0], 0);
    Graph g = new Graph(DType.F32);
    Tensor x = parameter(g, "x", 3);
    Tensor other = parameter(g, "other", 4);
    assertThrows(EngineException.class, () -> AddScaled.of(x, x, x));
    assertThrows(EngineException.class, () -> AddScaled.of(x, filled(g, 1, 1), other));
    assertThrows(EngineException.class, () -> NormRatio.of(x, other, 1));
  }

  @Test
  void weightedSum() {
    gradients.checkScalar(
        g -> {
          Tensor x = parameter(g, "x", 4, 5);
          Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 4, 5);
          Tensor mse = Loss.mse(x, target);
          return WeightedSum.of(new float[] {.5f, 2, .25f}, mse, Loss.l1(x, target), mse);
        });
  }

  @Test
  void images() {
    Graph g = new Graph(DType.F32);
    Tensor image = g.input("image", DType.U8, Stage.EVALUATION, 1, 1, 2, 3);
    Tensor x = g.output(ImageToTensor.of(image, DType.F32));
    Tensor back = g.output(TensorToImage.of(x));
    byte[] bytes = {0, 1, 127, (byte) 128, (byte) 254, (byte) 255};
    try (Program program = new Program(g, device, null)) {
      program.write(image, bytes);
      program.run();
      float[] values = program.read(x);
      assertEquals(-1, values[0], 1e-6);
      assertEquals(1, values[5], 1e-6);
      assertArrayEquals(bytes, program.readBytes(back));
    }
  }

  @Test
  void unscale() {
    float[] x = {1, -3, .3f, 7};
    assertArrayEquals(
        new float[] {
          (float) (1 / .18215), (float) (-3 / .18215), (float) (.3f / .18215), (float) (7 / .18215)
        },
        run(t -> Unscale.of(t, .18215).y(), x, 2, 2));
    assertArrayEquals(new float[] {-3, 7}, run(t -> Unscale.of(t, .18215).extreme(), x, 2, 2));
  }

  private float[] run(Function<Tensor, Tensor> operation, float[] values, int... shape) {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, shape);
    Tensor y = g.output(operation.apply(x));
    try (Program program = new Program(g, device, null)) {
      program.write(x, values);
      program.run();
      return program.read(y);
    }
  }
}
