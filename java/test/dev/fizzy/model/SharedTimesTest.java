package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.rival.Ours;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks that add the context to the time: the times of all steps and the number of one give what
 * that step's time gives, and the times are embedded once for all steps.
 */
class SharedTimesTest {
  private static final int BATCH = 2;
  private static final float[] TIMES = {900, 411, 3};

  static Stream<DenoiserConfig> networks() {
    String tiny = ModelConfig.load("tiny").toJson();
    DiffusionTransformerConfig transformer =
        new DiffusionTransformerConfig(true, 4, 2, 2, 16, 8, 1, 3, false, true);
    return Stream.of(
        ModelConfig.parse(tiny.replace("CROSS_ATTENTION", "ADAPTIVE_GROUP_NORM")).denoiser(),
        transformer,
        transformer.unconditional());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aStepGivesWhatItsTimeGives(DenoiserConfig config) {
    Graph g = new Graph(DType.F32);
    int s = config.size();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, BATCH, s, s, config.latentChannels());
    Tensor all = g.input("all", DType.F32, Stage.MODEL, TIMES.length);
    Tensor step = g.input("step", DType.I32, Stage.STEP, 1);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, BATCH);
    Denoiser network = config.record(g);
    Tensor context = network.conditional() ? network.emptyContext(BATCH) : null;
    Tensor y = g.output(network.predict(x, new Times(all, null, step), context));
    Set<Stage> stages =
        g.nodes().stream()
            .filter(n -> n.scope().contains("time_emb"))
            .map(Graph.Node::stage)
            .collect(Collectors.toSet());
    assertEquals(Set.of(Stage.MODEL), stages);
    Tensor expected = g.output(network.predict(x, t, context));
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 3);
      try (Program program = new Program(g, device, parameters)) {
        SplittableRandom random = new SplittableRandom(1);
        program.write(x, random(random, (int) x.elements()));
        program.write(all, TIMES);
        for (int i = 0; i < TIMES.length; i++) {
          program.write(step, new int[] {i});
          program.write(t, TIMES[i], TIMES[i]);
          program.run();
          float[] values = program.read(expected);
          assertTrue(Math.abs(values[0]) > 1e-4, "an output of zeros proves nothing");
          assertArrayEquals(values, program.read(y), 1e-6f, "step " + i);
        }
      }
    }
  }

  private static float[] random(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-.5, .5);
    }
    return values;
  }
}
