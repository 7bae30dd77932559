package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import dev.fizzy.engine.op.Cast;
import dev.fizzy.nn.PixelShuffle;
import dev.fizzy.rival.Ours;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UNetTest {
  private static Graph record(String name) {
    UNetConfig config = ModelConfig.load(name).unet();
    Graph g = new Graph(DType.F32);
    UNet unet = new UNet(g, config);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, config.size(), config.size(), 3);
    Tensor t = g.input("t", DType.F32, Stage.STEP, 1);
    Tensor identity = g.input("identity", DType.F32, Stage.IDENTITY, 1, 512);
    g.output(unet.predict(x, t, unet.embedContext(identity)));
    return g;
  }

  private static long count(Graph g) {
    return g.parameters().stream().mapToLong(Parameter::elements).sum();
  }

  @Test
  void hasThePublishedNumberOfParameters() {
    assertEquals(216_341_187, count(record("idiff-face")));
    assertEquals(134_595_939, count(record("idiff-face-adagn")));
  }

  @Test
  void namesAreThePublishedOnes() {
    List<String> names =
        record("idiff-face").parameters().stream()
            .flatMap(p -> p.pieces().stream())
            .map(Parameter.Piece::name)
            .collect(Collectors.toList());
    assertTrue(
        names.containsAll(
            List.of(
                "image_proj.weight",
                "time_emb.lin1.bias",
                "context_emb.weight",
                "down.0.res.norm1.weight",
                "down.3.res.shortcut.weight",
                "down.3.attn.self_attention.to_q.weight",
                "down.3.attn.cross_attention.to_v.bias",
                "down.3.attn.c_norm.weight",
                "down.2.conv.weight",
                "middle.res1.norm2.norm.bias",
                "up.3.conv.weight",
                "up.14.res.conv2.bias",
                "norm.weight",
                "final.bias")),
        names.toString());
    assertEquals(names.size(), names.stream().distinct().count());
  }

  /** A U-Net on patches is the U-Net on latents of their size and channels. */
  @Test
  void computesOnPatches() {
    UNetConfig tiny = ModelConfig.load("tiny").unet();
    String json = ModelConfig.load("tiny").toJson();
    UNetConfig patched =
        ModelConfig.parse(
                json.replace("\"latent_channels\":3", "\"latent_channels\":3,\"patch\":2"))
            .unet();
    Graph g = new Graph(DType.F32);
    int s = tiny.size();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, s, s, 3);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, 2);
    Tensor identity = g.input("identity", DType.F32, Stage.EVALUATION, 2, 512);
    UNet unet = new UNet(g, patched);
    Tensor y = g.output(unet.predict(x, t, unet.embedContext(identity)));
    UNet small = new UNet(g, onLatents(tiny, s / 2, 12));
    Tensor patches = PixelShuffle.toChannels(x, 2);
    Tensor expected = small.predict(patches, t, small.embedContext(identity));
    g.output(expected);
    assertArrayEquals(x.shape(), y.shape());
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      SplittableRandom random = new SplittableRandom(1);
      for (Parameters.Slot slot : parameters.slots()) {
        parameters.write(Region.VALUES, slot, random(random, (int) slot.parameter().elements()));
      }
      try (Program program = new Program(g, device, parameters)) {
        program.write(x, random(random, (int) x.elements()));
        program.write(t, 30, 700);
        program.write(identity, random(random, (int) identity.elements()));
        program.run();
        float[] ours = program.read(y);
        float[] theirs = program.read(expected);
        int p = 2;
        for (int i = 0; i < ours.length; i++) {
          int c = i % 3;
          int column = i / 3 % s;
          int row = i / 3 / s % s;
          int image = i / 3 / s / s;
          int patch = (image * s / p + row / p) * s / p + column / p;
          assertEquals(theirs[patch * 12 + (c * p + row % p) * p + column % p], ours[i]);
        }
        assertTrue(Math.abs(ours[0]) > 1e-3, "an output of zeros proves nothing");
      }
    }
  }

  private static float[] random(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-.2, .2);
    }
    return values;
  }

  private static UNetConfig onLatents(UNetConfig c, int size, int channels) {
    return new UNetConfig(
        c.conditioning(),
        size,
        channels,
        1,
        c.baseChannels(),
        c.multipliers(),
        c.attention(),
        c.headChannels(),
        c.blocks(),
        c.contextInput(),
        c.contextChannels(),
        c.contextTokens(),
        c.learnedEmptyContext(),
        c.groups());
  }

  /** The times of all steps and the number of one give what that step's time gives. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void computesWhatDependsOnTheTimeOnceForAllSteps(DType type) {
    UNetConfig tiny = ModelConfig.load("tiny").unet();
    Graph g = new Graph(type);
    int s = tiny.size();
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, s, s, 3);
    Tensor identity = g.input("identity", DType.F32, Stage.IDENTITY, 2, 512);
    float[] times = {900, 411, 3};
    Tensor all = g.input("all", DType.F32, Stage.MODEL, times.length);
    Tensor step = g.input("step", DType.I32, Stage.STEP, 1);
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, 1);
    UNet unet = new UNet(g, tiny);
    Tensor noisy = Cast.of(x, type);
    Tensor context = unet.embedContext(Cast.of(identity, type));
    Tensor y = g.output(unet.predict(noisy, new Times(all, null, step), context));
    for (String layer : List.of(".*time_emb.*", ".*scale_emb", ".*shift_emb")) {
      Set<Stage> stages =
          g.nodes().stream()
              .filter(n -> n.scope().matches(layer))
              .map(Graph.Node::stage)
              .collect(Collectors.toSet());
      assertEquals(Set.of(Stage.MODEL), stages, layer);
    }
    Tensor expected = g.output(unet.predict(noisy, t, context));
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      Ours.randomize(parameters, 3);
      try (Program program = new Program(g, device, parameters)) {
        SplittableRandom random = new SplittableRandom(1);
        program.write(x, random(random, (int) x.elements()));
        program.write(identity, random(random, (int) identity.elements()));
        program.write(all, times);
        for (int i = 0; i < times.length; i++) {
          program.write(step, new int[] {i});
          program.write(t, times[i]);
          program.run();
          assertArrayEquals(program.read(expected), program.read(y), "step " + i);
        }
      }
    }
  }

  @Test
  void splitsIntoStages() {
    Graph g = record("idiff-face");
    long perStep =
        g.nodes().stream()
            .filter(n -> n.stage() == Stage.STEP)
            .filter(n -> n.scope().endsWith("scale_emb"))
            .count();
    assertEquals(22, perStep);
    Set<Stage> ofContext =
        g.nodes().stream()
            .filter(n -> n.scope().endsWith("cross_attention.to_k+to_v"))
            .map(Graph.Node::stage)
            .collect(Collectors.toSet());
    assertEquals(Set.of(Stage.IDENTITY), ofContext);
  }
}
