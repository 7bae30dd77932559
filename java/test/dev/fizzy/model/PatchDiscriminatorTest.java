package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PatchDiscriminatorTest {
  @Test
  void hasThePublishedShapesAndNames() {
    Graph g = new Graph(DType.F32);
    Tensor image = g.input("image", DType.F32, Stage.EVALUATION, 2, 256, 256, 3);
    Tensor logits = new PatchDiscriminator(g, PatchDiscriminator.Config.PUBLISHED).logits(image);
    assertArrayEquals(new int[] {2, 30, 30, 1}, logits.shape()); // as pix2pix's of 256 pixels
    assertEquals(30, PatchDiscriminator.Config.PUBLISHED.logits(256));
    Map<String, int[]> weights =
        g.parameters().stream().collect(Collectors.toMap(Parameter::name, Parameter::shape));
    String main = "loss.discriminator.main.";
    assertArrayEquals(new int[] {64, 3, 4, 4}, weights.get(main + "0.weight"));
    assertArrayEquals(new int[] {128, 64, 4, 4}, weights.get(main + "2.weight"));
    assertArrayEquals(new int[] {128}, weights.get(main + "3.weight"));
    assertArrayEquals(new int[] {256, 128, 4, 4}, weights.get(main + "5.weight"));
    assertArrayEquals(new int[] {512, 256, 4, 4}, weights.get(main + "8.weight"));
    assertArrayEquals(new int[] {512}, weights.get(main + "9.bias"));
    assertArrayEquals(new int[] {1, 512, 4, 4}, weights.get(main + "11.weight"));
    assertEquals(16, weights.size());
  }

  @Test
  void saysWhatDoesNotFit() {
    assertEquals(1, new PatchDiscriminator.Config(8, 2).logits(12));
    EngineException small =
        assertThrows(EngineException.class, () -> PatchDiscriminator.Config.PUBLISHED.logits(16));
    assertTrue(small.getMessage().contains("16 pixels are too small"), small.getMessage());
    assertTrue(small.getMessage().contains("which takes 24"), small.getMessage());
    assertThrows(EngineException.class, () -> new PatchDiscriminator.Config(12, 3));
    assertThrows(EngineException.class, () -> new PatchDiscriminator.Config(64, 9));
  }
}
