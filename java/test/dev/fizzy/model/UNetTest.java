package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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

  @Test
  void splitsIntoStages() {
    Graph g = record("idiff-face");
    long perStep =
        g.nodes().stream()
            .filter(n -> n.stage() == Stage.STEP)
            .filter(n -> n.scope().endsWith("scale_emb"))
            .count();
    assertEquals(22, perStep);
    assertTrue(
        g.nodes().stream()
            .filter(n -> n.scope().endsWith("cross_attention.to_k+to_v"))
            .allMatch(n -> n.stage() == Stage.IDENTITY));
  }
}
