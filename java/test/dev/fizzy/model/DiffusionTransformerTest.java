package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.fizzy.engine.op.Loss;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A tiny transformer, its loss and every gradient against the same formulas in double. */
class DiffusionTransformerTest {
  private static final DiffusionTransformerConfig CONFIG =
      new DiffusionTransformerConfig(true, 4, 2, 2, 16, 8, 1, 3, false, true);
  private static final int BATCH = 2;

  private static float[] random(SplittableRandom random, long n) {
    float[] values = new float[(int) n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-.5, .5);
    }
    return values;
  }

  @Test
  void lossAndGradientsAgreeWithFormulasInDouble() {
    Graph g = new Graph(DType.F32);
    Denoiser network = CONFIG.record(g);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, BATCH, 4, 4, 2);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, BATCH);
    Tensor identity = g.input("identity", DType.F32, Stage.EVALUATION, BATCH, 3);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, BATCH, 4, 4, 2);
    Tensor y = g.output(network.predict(x, t, network.embedContext(identity)));
    Tensor loss = g.output(Loss.mse(y, target));
    g.backward(loss);
    SplittableRandom random = new SplittableRandom(3);
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS)) {
      Map<String, float[]> weights = new HashMap<>();
      for (Parameters.Slot slot : parameters.slots()) {
        float[] values = random(random, slot.parameter().elements());
        parameters.write(Region.VALUES, slot, values);
        weights.put(slot.parameter().name(), values);
      }
      try (Program program = new Program(g, device, parameters)) {
        Formulas formulas =
            new Formulas(
                weights, random(random, x.elements()), new float[] {30, 700}, random(random, 6));
        float[] wanted = random(random, y.elements());
        program.write(x, formulas.x);
        program.write(t, formulas.t);
        program.write(identity, formulas.identity);
        program.write(target, wanted);
        program.run();
        double[] expected = formulas.predict();
        float[] ours = program.read(y);
        for (int i = 0; i < ours.length; i++) {
          assertEquals(expected[i], ours[i], 1e-5);
        }
        assertEquals(mse(expected, wanted), program.read(loss)[0], 1e-6);
        for (Parameters.Slot slot : parameters.slots()) {
          float[] gradient = parameters.read(Region.GRADIENTS, slot);
          gradients(slot.parameter().name(), weights, formulas, wanted, gradient);
        }
      }
    }
  }

  private static void gradients(
      String name, Map<String, float[]> weights, Formulas formulas, float[] wanted, float[] ours) {
    float[] values = weights.get(name);
    double largest = 0;
    for (int i = 0; i < values.length; i += Math.max(1, values.length / 8)) {
      float at = values[i];
      float step = 1e-3f;
      values[i] = at + step;
      double above = mse(formulas.predict(), wanted);
      double wide = (double) values[i] - at;
      values[i] = at - step;
      double below = mse(formulas.predict(), wanted);
      wide += (double) at - values[i];
      values[i] = at;
      double expected = (above - below) / wide;
      assertEquals(expected, ours[i], 2e-6 + 1e-4 * Math.abs(expected), name + " " + i);
      largest = Math.max(largest, Math.abs(expected));
    }
    assertTrue(largest > 1e-7, name + " does not matter: " + largest);
  }

  private static double mse(double[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum / a.length;
  }

  /** DiT of {@link #CONFIG}, token by token. */
  private static final class Formulas {
    private static final int C = 16;
    private static final int T = 4;
    private static final int HEAD = 8;

    private final Map<String, float[]> weights;
    private final float[] x;
    private final float[] t;
    private final float[] identity;

    Formulas(Map<String, float[]> weights, float[] x, float[] t, float[] identity) {
      this.weights = weights;
      this.x = x;
      this.t = t;
      this.identity = identity;
    }

    double[] predict() {
      double[] y = new double[x.length];
      for (int b = 0; b < BATCH; b++) {
        double[] condition = condition(b);
        double[][] h = new double[T][];
        for (int token = 0; token < T; token++) {
          double[] patch = new double[8];
          for (int k = 0; k < 8; k++) {
            patch[k] = x[at(b, token, k)];
          }
          h[token] = linear("x_emb", patch);
          for (int c = 0; c < C; c++) {
            h[token][c] += weights.get("positions")[token * C + c];
          }
        }
        h = block(h, condition);
        for (int token = 0; token < T; token++) {
          double[] out = linear("final.linear", modulated("final.norm", h[token], condition));
          for (int k = 0; k < 8; k++) {
            y[at(b, token, k)] = out[k];
          }
        }
      }
      return y;
    }

    /** Where value k (channel, row, column) of a patch is among the pixels. */
    private static int at(int b, int token, int k) {
      int row = token / 2 * 2 + k / 2 % 2;
      int column = token % 2 * 2 + k % 2;
      return ((b * 4 + row) * 4 + column) * 2 + k / 4;
    }

    private double[] condition(int b) {
      double[] sinusoid = new double[C];
      for (int i = 0; i < C / 2; i++) {
        double angle = t[b] * Math.pow(10_000, -i / (C / 2.));
        sinusoid[i] = Math.cos(angle);
        sinusoid[C / 2 + i] = Math.sin(angle);
      }
      double[] time = linear("time_emb.lin2", silu(linear("time_emb.lin1", sinusoid)));
      double[] own = {identity[3 * b], identity[3 * b + 1], identity[3 * b + 2]};
      return silu(sum(time, linear("context_emb", own)));
    }

    private double[][] block(double[][] h, double[] condition) {
      double[][] qkv = new double[T][];
      for (int i = 0; i < T; i++) {
        qkv[i] = linear("blocks.0.attention.qkv", modulated("blocks.0.norm1", h[i], condition));
      }
      double[][] out = new double[T][];
      for (int i = 0; i < T; i++) {
        double[] attended = linear("blocks.0.attention.proj", attend(qkv, i));
        double[] y = sum(h[i], product(attended, linear("blocks.0.gate1", condition)));
        double[] wide = linear("blocks.0.ff.0", modulated("blocks.0.norm2", y, condition));
        for (int k = 0; k < wide.length; k++) {
          wide[k] *= .5 * (1 + erf(wide[k] / Math.sqrt(2)));
        }
        double[] narrow = linear("blocks.0.ff.2", wide);
        out[i] = sum(y, product(narrow, linear("blocks.0.gate2", condition)));
      }
      return out;
    }

    private static double[] attend(double[][] qkv, int query) {
      double[] y = new double[C];
      for (int head = 0; head < C / HEAD; head++) {
        double[] weight = new double[T];
        double total = 0;
        for (int key = 0; key < T; key++) {
          double score = 0;
          for (int d = head * HEAD; d < (head + 1) * HEAD; d++) {
            score += qkv[query][d] * qkv[key][C + d];
          }
          weight[key] = Math.exp(score / Math.sqrt(HEAD));
          total += weight[key];
        }
        for (int key = 0; key < T; key++) {
          for (int d = head * HEAD; d < (head + 1) * HEAD; d++) {
            y[d] += weight[key] / total * qkv[key][2 * C + d];
          }
        }
      }
      return y;
    }

    /** (1 + scale) LN(x) + shift; the 1 is the initial bias of the scale. */
    private double[] modulated(String norm, double[] x, double[] condition) {
      double mean = 0;
      double squares = 0;
      for (double v : x) {
        mean += v / C;
        squares += v * v / C;
      }
      double rstd = 1 / Math.sqrt(squares - mean * mean + 1e-6);
      double[] scale = linear(norm + ".scale", condition);
      double[] shift = linear(norm + ".shift", condition);
      double[] y = new double[C];
      for (int c = 0; c < C; c++) {
        double normal =
            (x[c] - mean) * rstd * weights.get(norm + ".weight")[c]
                + weights.get(norm + ".bias")[c];
        y[c] = scale[c] * normal + shift[c];
      }
      return y;
    }

    private double[] linear(String name, double[] x) {
      float[] w = weights.get(name + ".weight");
      float[] bias = weights.get(name + ".bias");
      double[] y = new double[bias.length];
      for (int o = 0; o < y.length; o++) {
        y[o] = bias[o];
        for (int k = 0; k < x.length; k++) {
          y[o] += w[o * x.length + k] * x[k];
        }
      }
      return y;
    }

    private static double[] silu(double[] x) {
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = x[i] / (1 + Math.exp(-x[i]));
      }
      return y;
    }

    private static double[] sum(double[] a, double[] b) {
      double[] y = a.clone();
      for (int i = 0; i < y.length; i++) {
        y[i] += b[i];
      }
      return y;
    }

    private static double[] product(double[] a, double[] b) {
      double[] y = a.clone();
      for (int i = 0; i < y.length; i++) {
        y[i] *= b[i];
      }
      return y;
    }

    /** Its series, for the small values here. */
    private static double erf(double x) {
      double term = x;
      double sum = x;
      for (int n = 1; n < 40; n++) {
        term *= -x * x / n;
        sum += term / (2 * n + 1);
      }
      return 2 / Math.sqrt(Math.PI) * sum;
    }
  }

  @Test
  void beginsWithoutItsBlocksAndPredictsZero() {
    Graph g = new Graph(DType.F32);
    Denoiser network = CONFIG.record(g);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, 4, 4, 2);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, 1);
    Tensor y = g.output(network.predict(x, t, network.emptyContext(1)));
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      parameters.initialize(1);
      for (Parameters.Slot slot : parameters.slots()) {
        if (slot.parameter().name().contains("gate")) {
          assertEquals(0, parameters.read(Region.VALUES, slot)[0]);
        }
      }
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, random(new SplittableRandom(1), 32));
        program.write(t, 5);
        program.run();
        for (float value : program.read(y)) {
          assertEquals(0, value);
        }
      }
    }
  }

  @Test
  void shippedConfigurationHasTheDefaultModelsLatents() {
    ModelConfig dit = ModelConfig.load("dit112");
    ModelConfig unet = ModelConfig.load("face112");
    assertEquals(unet.autoencoder(), dit.autoencoder());
    assertEquals(dit, ModelConfig.parse(dit.toJson()));
    List<Parameter> all =
        Recorded.graph(dit, Recorded.Network.UNET, 1, DType.F32, false).parameters();
    long count = all.stream().mapToLong(Parameter::elements).sum();
    assertTrue(count > 4_000_000 && count < 8_000_000, count + " parameters");
    ModelConfig none = dit.with(dit.dit().unconditional());
    assertEquals(
        0,
        Recorded.graph(none, Recorded.Network.UNET, 1, DType.F32, false).parameters().stream()
            .filter(p -> p.name().contains("context"))
            .count());
  }
}
