package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.AddScaled;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.WeightedSum;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Several backward passes over one graph: y = u x, then the losses see y and v y. */
class GradientsTest {
  private final Graph g = new Graph(DType.F32);
  private final Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 3);
  private final Tensor u = g.parameter(Parameter.of("u", Parameter.Init.normal(1), 4, 3));
  private final Tensor v = g.parameter(Parameter.of("v", Parameter.Init.normal(1), 5, 4));
  private final Tensor y = Linear.of(x, u, null, null);
  private final Tensor near = Loss.mse(y, target("near", 4));
  private final Tensor far = Loss.mse(Linear.of(y, v, null, null), target("far", 5));

  private Tensor target(String name, int width) {
    return g.input(name, DType.F32, Stage.EVALUATION, 2, width);
  }

  /** The gradients of u and v, then the values of {@code of}. */
  private float[][] run(Tensor... of) {
    Stream.of(of).forEach(g::output);
    try (Device device = new CpuDevice();
        Parameters parameters =
            new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS)) {
      parameters.initialize(3);
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, .5f, -1, 2, .3f, .7f, -.9f);
        program.write(g.inputs().get("near"), new float[8]);
        program.write(g.inputs().get("far"), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        program.run();
        return Stream.concat(
                Stream.of("u", "v").map(p -> parameters.read(Region.GRADIENTS, parameters.slot(p))),
                Stream.of(of).map(program::read))
            .toArray(float[][]::new);
      }
    }
  }

  private static float[][] plain(float near, float far) {
    GradientsTest other = new GradientsTest();
    other.g.backward(WeightedSum.of(new float[] {near, far}, other.near, other.far));
    return other.run();
  }

  @Test
  void aGradientWithRespectToSomeTensorsLeavesTheParametersAlone() {
    float[][] expected = plain(0, 1);
    List<Tensor> found = g.gradients(far, y, v, u);
    float[][] values = run(found.get(1), found.get(2));
    assertArrayEquals(new float[12], values[0]);
    assertArrayEquals(new float[20], values[1]);
    assertArrayEquals(expected[1], values[2]);
    assertArrayEquals(expected[0], values[3], 1e-6f);
    assertNull(new GradientsTest().gradientOfWhatNearDoesNotSee());
  }

  private Tensor gradientOfWhatNearDoesNotSee() {
    return g.gradients(near, v).get(0);
  }

  @Test
  void twoNetworksLearnFromTwoLossesOfOneEvaluation() {
    // v minimizes the far loss, u the near one minus half of the far one.
    Tensor near = g.gradients(this.near, y).get(0);
    Tensor far = g.gradients(this.far, y).get(0);
    Tensor scale = WeightedSum.of(new float[] {-.5f / 3}, filled(3));
    g.backwardFrom(Map.of(y, AddScaled.of(near, scale, far)), List.of());
    g.backwardUpTo(Set.of(y), this.far);
    float[][] values = run();
    assertArrayEquals(plain(1, -.5f)[0], values[0], 1e-5f);
    assertArrayEquals(plain(0, 1)[1], values[1], 1e-6f);
    assertTrue(values[0][0] != 0 && values[1][0] != 0);
  }

  private Tensor filled(float value) {
    Tensor t = g.local("filled", DType.F32, List.of(), 1);
    return g.record(new dev.fizzy.engine.op.Fill(t, value)).y();
  }

  @Test
  void lossesAddToTheKnownGradients() {
    Tensor far = g.gradients(this.far, y).get(0);
    g.backwardFrom(Map.of(y, far), List.of(near));
    assertArrayEquals(plain(1, 1)[0], run()[0], 1e-5f);
  }
}
