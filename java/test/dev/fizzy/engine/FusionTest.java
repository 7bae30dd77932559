package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.Upsample;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FusionTest {
  private static final List<String> FUSED = List.of("cast", "upsampled_convolution", "cast");
  private static final List<String> APART = List.of("cast", "upsample", "convolution", "cast");

  private final Device device = new CpuDevice();

  @AfterEach
  void close() {
    device.close();
  }

  private static Tensor convolution(
      Graph g, Tensor x, int k, int stride, Padding padding, Tensor residual) {
    Tensor w = g.parameter(Parameter.of("w", Parameter.Init.normal(.3), x.dim(3), x.dim(3), k, k));
    Tensor bias = g.parameter(Parameter.of("bias", Parameter.Init.normal(1), x.dim(3)));
    return Convolution.of(x, w, bias, residual, stride, padding);
  }

  private static Tensor same(Graph g, Tensor x) {
    return convolution(g, x, 3, 1, Padding.same(1), null);
  }

  /** A network of an upsampled image. */
  private static Graph graph(DType type, BiFunction<Graph, Tensor, Tensor> network) {
    Graph g = new Graph(type);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 3, 4, 8);
    g.output(Cast.of(network.apply(g, Upsample.of(Cast.of(x, type))), DType.F32));
    return g;
  }

  private List<String> planned(BiFunction<Graph, Tensor, Tensor> network) {
    return names(graph(DType.BF16, network));
  }

  private List<String> names(Graph g) {
    return new Plan(g, device).nodes().stream().map(n -> n.operation().name()).toList();
  }

  private float[] result(DType type, BiFunction<Graph, Tensor, Tensor> network) {
    Graph g = graph(type, network);
    try (Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      parameters.initialize(3);
      try (Program program = new Program(g, device, parameters)) {
        float[] x = new float[2 * 3 * 4 * 8];
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) Math.sin(i);
        }
        program.write(program.input("x"), x);
        program.run();
        return program.read(g.outputs().get(g.outputs().size() - 1));
      }
    }
  }

  @Test
  void anUpsamplingAndItsConvolutionAreComputedAsOne() {
    BiFunction<Graph, Tensor, Tensor> apart = (g, x) -> same(g, g.output(x));
    assertEquals(FUSED, planned(FusionTest::same));
    assertEquals(APART, planned(apart));
    float[] expected = result(DType.F32, apart);
    assertArrayEquals(expected, result(DType.F32, FusionTest::same), 1e-5f);
    // Both round the weights; results of magnitude 8 have errors of half a unit, 1/64, besides.
    assertArrayEquals(expected, result(DType.BF16, FusionTest::same), .05f);
  }

  @Test
  void otherPairsAreComputedAsRecorded() {
    assertEquals(APART, planned((g, x) -> convolution(g, x, 3, 1, Padding.same(1), x)));
    assertEquals(APART, planned((g, x) -> convolution(g, x, 3, 2, Padding.same(1), null)));
    assertEquals(APART, planned((g, x) -> convolution(g, x, 1, 1, Padding.same(0), null)));
    assertEquals(APART, planned((g, x) -> convolution(g, x, 3, 1, new Padding(0, 0, 1, 1), null)));
    assertEquals(
        List.of("cast", "upsample", "convolution", "add", "cast"),
        planned((g, x) -> Add.of(same(g, x), x)));
  }

  /** It runs before the weights are packed, which are all that the fused operation reads. */
  @Test
  void whatDependsOnTheModelAloneIsComputedAsRecorded() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.parameter(Parameter.of("x", Parameter.Init.normal(1), 2, 3, 4, 8));
    g.output(same(g, Upsample.of(x)));
    assertEquals(List.of("upsample", "convolution"), names(g));
  }

  @Test
  void aTrainingComputesThemAsRecorded() {
    Graph g = graph(DType.BF16, FusionTest::same);
    Tensor y = g.outputs().get(0);
    g.backward(Loss.mse(y, g.input("target", DType.F32, Stage.EVALUATION, y.shape())));
    assertEquals(APART, names(g).subList(0, 4));
  }
}
