package dev.fizzy.identity;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.file.Memory;
import java.util.function.LongConsumer;

/**
 * Identities spread over the sphere by repulsion, as in HyperFace (Otroshi Shahreza and Marcel,
 * ICLR 2025), which minimizes the largest cosine of each identity to another by gradient descent
 * and keeps the identities near real embeddings. Here the largest cosine is softened to
 *
 * <pre>
 * f_i = 1/s log sum_(j != i) exp(s x_i.x_j)
 * </pre>
 *
 * <p>with a sharpness s that grows from step to step, each identity descends the gradient of its
 * own f_i on the sphere, and the {@link Manifold} pulls it back. All pairs count, a block of rows
 * at a time: memory is two copies of the identities and a block.
 */
public final class PackedContexts implements AutoCloseable {
  private static final int MOST_ROWS = 512;
  private static final int SCORES = 1 << 23;

  /** Length of the first step; it falls linearly to 0. */
  private static final double STEP = .5;

  /** The sharpness s before the first and at the last step. */
  private static final double FIRST = 10;

  private static final double LAST = 200;

  /** Cosines so far below the largest weigh less than e^-20 and are left out. */
  private static final double NEGLIGIBLE = 20;

  /**
   * Settings.
   *
   * @param steps of gradient descent
   * @param manifold weight of the pull towards the distribution; 0 for none
   */
  public record Settings(int steps, double manifold) {
    double step(int t) {
      return STEP * (1 - (double) t / steps);
    }

    double sharpness(int t) {
      return FIRST * Math.pow(LAST / FIRST, (t + 1.) / steps);
    }
  }

  /**
   * Packed identities.
   *
   * @param nearest the largest cosine of two of them
   * @param distance mean distance d2 to the distribution, 1 for vectors drawn from it
   */
  public record Result(Contexts contexts, float nearest, double distance) {}

  private final float[][] x;
  private final int block;
  private final Program program;
  private final Tensor rows;
  private final Tensor all;
  private final Tensor cosines;
  private final Tensor weights;
  private final Tensor sums;

  PackedContexts(Device device, float[][] x) {
    this.x = x;
    int width = x[0].length;
    block = Math.max(1, Math.min(x.length, Math.min(MOST_ROWS, SCORES / x.length)));
    Graph graph = new Graph(DType.F32);
    all = graph.input("all", DType.F32, Stage.IDENTITY, 1, x.length, width);
    rows = graph.input("rows", DType.F32, Stage.STEP, 1, block, width);
    weights = graph.input("weights", DType.F32, Stage.EVALUATION, 1, block, x.length);
    cosines = graph.output(MatMul.of(rows, all, false, true, 1));
    sums = graph.output(MatMul.of(weights, all, false, false, 1));
    program = new Program(graph, device, null);
  }

  /**
   * @param start where the identities begin: draws of the distribution
   * @param axes of the distribution that they stay near
   * @param done is told the number of steps done
   */
  public static Result of(
      Device device, Contexts start, PrincipalAxes axes, Settings settings, LongConsumer done) {
    int width = start.width();
    Memory.require(
        start.size() + " contexts and their next places", 3.0 * Float.BYTES * start.size() * width);
    float[][] x = new float[start.size()][];
    for (int i = 0; i < x.length; i++) {
      x[i] = floats(axes.toAxes(doubles(start.vector(i)))); // a rotation, which keeps cosines
    }
    Manifold manifold = new Manifold(axes);
    try (PackedContexts packed = new PackedContexts(device, x)) {
      for (int t = 0; t < settings.steps(); t++) {
        packed.step(settings.step(t), settings.sharpness(t), settings.manifold(), manifold);
        done.accept(t + 1);
      }
      float nearest = packed.nearest();
      double distance = 0;
      float[][] back = new float[x.length][];
      for (int i = 0; i < x.length; i++) {
        distance += manifold.distance(x[i]) / x.length;
        back[i] = floats(axes.fromAxes(doubles(x[i])));
        normalize(back[i]);
      }
      return new Result(Contexts.numbered(back), nearest, distance);
    }
  }

  /** One step of all identities at once. */
  private void step(double length, double sharpness, double pull, Manifold manifold) {
    float[][] next = new float[x.length][];
    forEachBlock(
        (from, count, scores) -> {
          for (int i = 0; i < count; i++) {
            weigh(scores, i * x.length, x.length, from + i, sharpness);
          }
          program.write(weights, scores);
          program.run(Stage.EVALUATION);
          float[] gradients = program.read(sums);
          for (int i = 0; i < count; i++) {
            next[from + i] = descend(x[from + i], gradients, i * x[0].length, length);
            if (pull > 0) {
              manifold.pull(next[from + i], length * pull);
              normalize(next[from + i]);
            }
          }
        });
    System.arraycopy(next, 0, x, 0, x.length);
  }

  /** Replaces the cosines of a row by their weights in the gradient of f_i: a softmax without i. */
  static void weigh(float[] scores, int at, int count, int self, double sharpness) {
    scores[at + self] = Float.NEGATIVE_INFINITY;
    float largest = Float.NEGATIVE_INFINITY;
    for (int j = at; j < at + count; j++) {
      largest = Math.max(largest, scores[j]);
    }
    double least = largest - NEGLIGIBLE / sharpness;
    double sum = 0;
    for (int j = at; j < at + count; j++) {
      double weight = scores[j] < least ? 0 : Math.exp(sharpness * (scores[j] - largest));
      scores[j] = (float) weight;
      sum += weight;
    }
    for (int j = at; j < at + count; j++) {
      scores[j] /= (float) sum;
    }
  }

  /** x moved against the part of the gradient along the sphere, back on the sphere. */
  private static float[] descend(float[] x, float[] gradients, int at, double length) {
    double along = 0;
    for (int k = 0; k < x.length; k++) {
      along += (double) x[k] * gradients[at + k];
    }
    float[] next = new float[x.length];
    for (int k = 0; k < x.length; k++) {
      next[k] = (float) (x[k] - length * (gradients[at + k] - along * x[k]));
    }
    normalize(next);
    return next;
  }

  /** The largest cosine of two identities. */
  float nearest() {
    float[] largest = {-1};
    forEachBlock(
        (from, count, scores) -> {
          for (int i = 0; i < count; i++) {
            for (int j = from + i + 1; j < x.length; j++) {
              largest[0] = Math.max(largest[0], scores[i * x.length + j]);
            }
          }
        });
    return largest[0];
  }

  private interface Block {
    void accept(int from, int count, float[] cosines);
  }

  private void forEachBlock(Block each) {
    int width = x[0].length;
    float[] flat = new float[x.length * width];
    for (int i = 0; i < x.length; i++) {
      System.arraycopy(x[i], 0, flat, i * width, width);
    }
    program.write(all, flat);
    program.run(Stage.IDENTITY);
    float[] some = new float[block * width];
    float[] scores = new float[block * x.length];
    for (int from = 0; from < x.length; from += block) {
      int count = Math.min(block, x.length - from);
      System.arraycopy(flat, from * width, some, 0, count * width);
      program.write(rows, some);
      program.run(Stage.STEP);
      program.read(cosines, scores);
      each.accept(from, count, scores);
    }
  }

  private static void normalize(float[] x) {
    double squares = 0;
    for (float v : x) {
      squares += (double) v * v;
    }
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) (x[k] / Math.sqrt(squares));
    }
  }

  private static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      y[k] = x[k];
    }
    return y;
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int k = 0; k < x.length; k++) {
      y[k] = (float) x[k];
    }
    return y;
  }

  @Override
  public void close() {
    program.close();
  }
}
