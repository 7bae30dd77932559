package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.rival.Ours;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The features of a frozen network as a loss: zero for the same faces, and its gradient. */
class PerceptualLossTest {
  private static final IResNetConfig EYES =
      new IResNetConfig("eyes", List.of(1, 1, 1, 1), 8, 16, 16, 0);
  private static final int N = 2 * 16 * 16 * 3;

  private static float[] random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[N];
    for (int i = 0; i < N; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static List<Tensor> features(Tensor faces) {
    return new IResNet(faces.graph(), EYES, IResNet.Mode.FROZEN).features(faces);
  }

  @Test
  void theDistancesHaveTheirGradients() {
    hasItsGradient(PerceptualLoss.Distances::features, 2e-2);
    hasItsGradient(PerceptualLoss.Distances::identity, 2e-2);
  }

  private static void hasItsGradient(
      Function<PerceptualLoss.Distances, Tensor> distance, double tolerance) {
    Graph g = new Graph(DType.F32);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    Tensor faces = g.input("faces", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    PerceptualLoss perceptual = new PerceptualLoss(PerceptualLossTest::features, target);
    Tensor loss = g.output(distance.apply(perceptual.to(faces)));
    g.backward(loss, faces);
    float[] x = random(2);
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
        Program program = new Program(g, device, parameters)) {
      Ours.randomize(parameters, 5);
      program.load();
      program.write(target, x);
      assertEquals(0, loss(program, loss, faces, x, x, 0), 1e-9);
      program.write(target, random(1));
      loss(program, loss, faces, x, x, 0);
      float[] gradient = program.read(g.gradientOf(faces));
      double square = 0;
      for (float d : gradient) {
        square += d * d;
      }
      // Along the gradient itself, pixels a thousandth on average.
      double h = 1e-3 * Math.sqrt(N / square);
      double up = loss(program, loss, faces, x, gradient, h);
      double down = loss(program, loss, faces, x, gradient, -h);
      assertEquals(square, (up - down) / (2 * h), tolerance * square);
    }
  }

  /** 1 - the mean cosine, and the features' distance contains twice that. */
  @Test
  void theDistanceOfIdentitiesIsThatOfCosines() {
    Graph g = new Graph(DType.F32);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    Tensor faces = g.input("faces", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    PerceptualLoss perceptual =
        new PerceptualLoss(x -> List.of(dev.fizzy.engine.op.Reshape.of(x, 2, N / 2)), target);
    PerceptualLoss.Distances distances = perceptual.to(faces);
    g.output(distances.features());
    g.output(distances.identity());
    float[] x = random(1);
    float[] y = random(2);
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(target, x);
      program.write(faces, y);
      program.run();
      double expected = 1;
      for (int face = 0; face < 2; face++) {
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = face * N / 2; i < (face + 1) * N / 2; i++) {
          xy += (double) x[i] * y[i];
          xx += (double) x[i] * x[i];
          yy += (double) y[i] * y[i];
        }
        expected -= xy / Math.sqrt(xx * yy) / 2;
      }
      assertEquals(expected, program.read(distances.identity())[0], 1e-5);
      assertEquals(2 * expected, program.read(distances.features())[0], 1e-5);
    }
  }

  private static double loss(
      Program program, Tensor loss, Tensor faces, float[] x, float[] along, double step) {
    float[] moved = new float[N];
    for (int i = 0; i < N; i++) {
      moved[i] = (float) (x[i] + step * along[i]);
    }
    program.write(faces, moved);
    program.run();
    return program.read(loss)[0];
  }
}
