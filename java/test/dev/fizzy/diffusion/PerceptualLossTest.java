package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.rival.Ours;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The eyes of a recognizer as a loss: zero for the same faces, with the gradient that it has. */
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

  @Test
  void hasTheGradientOfItsDistance() {
    Graph g = new Graph(DType.F32);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    Tensor faces = g.input("faces", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    Tensor loss = g.output(new PerceptualLoss(g, EYES, target).to(faces));
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
      assertEquals(square, (up - down) / (2 * h), 2e-2 * square);
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

  @Test
  void refusesFacesOfAnotherSize() {
    Graph g = new Graph(DType.F32);
    Tensor target = g.input("target", DType.F32, Stage.EVALUATION, 2, 24, 24, 3);
    assertThrows(EngineException.class, () -> new PerceptualLoss(g, EYES, target));
  }
}
