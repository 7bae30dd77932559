package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InputReachTest {
  private static long[] counts(float... values) {
    long[] counts = new long[1 << 16];
    for (float v : values) {
      counts[DType.bf16(v) & 0xffff]++;
    }
    return counts;
  }

  @Test
  void atMostTheTailIsBeyondEitherEnd() {
    float[] values = new float[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2 == 0 ? .5f : -.25f;
    }
    values[0] = 64;
    values[1] = -32;
    values[3] = -16;
    assertArrayEquals(new float[] {32, 64}, InputReach.reach("x", counts(values), 0));
    assertArrayEquals(new float[] {16, .5f}, InputReach.reach("x", counts(values), .001));
    assertArrayEquals(new float[] {.25f, .5f}, InputReach.reach("x", counts(values), .002));
    assertArrayEquals(new float[] {0, 2}, InputReach.reach("x", counts(1, 2, 0), 0));
    assertArrayEquals(new float[] {0, 1}, InputReach.reach("x", counts(0, -0f), 0)); // no values
    String said =
        assertThrows(EngineException.class, () -> InputReach.reach("x", counts(1, Float.NaN), 0))
            .getMessage();
    assertEquals("x: a value is NaN; its weights are wrong", said);
  }

  /** What docs/performance.md says stays in bf16, and no more. */
  @Test
  void theLayersOfAUnet() {
    Set<String> layers =
        Recorded.graph(ModelConfig.load("face112"), Recorded.Network.UNET, 1, DType.BF16, false)
            .quantizable()
            .keySet();
    assertTrue(layers.contains("down.0.res.conv1.input_reach"), layers.toString());
    assertTrue(layers.contains("middle.attn.ff.2.input_reach"), layers.toString());
    for (String layer : layers) {
      assertTrue(
          layer.matches(
              "(down|up|middle)[.].*(conv1|conv2|to_q|to_v|proj_out|x_proj_in|x_proj_out|ff[.][02])"
                  + "[.]input_reach"),
          layer);
    }
  }
}
