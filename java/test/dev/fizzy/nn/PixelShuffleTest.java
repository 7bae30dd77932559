package dev.fizzy.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import org.junit.jupiter.api.Test;

class PixelShuffleTest {
  private static final int B = 2;
  private static final int H = 3;
  private static final int W = 2;
  private static final int C = 5;
  private static final int P = 3;

  @Test
  void aPatchIsAPixelInTheOrderOfPixelUnshuffle() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, B, H * P, W * P, C);
    Tensor patches = g.output(PixelShuffle.toChannels(x, P));
    Tensor again = g.output(PixelShuffle.toPixels(patches, P));
    assertArrayEquals(new int[] {B, H, W, C * P * P}, patches.shape());
    assertArrayEquals(x.shape(), again.shape());
    float[] values = new float[(int) x.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(x, values);
      program.run();
      assertArrayEquals(values, program.read(again));
      float[] found = program.read(patches);
      for (int at = 0; at < found.length; at++) {
        int j = at % P;
        int i = at / P % P;
        int c = at / (P * P) % C;
        int w = at / (P * P * C) % W;
        int row = at / (P * P * C * W); // of patches, of all images
        assertEquals(values[((row * P + i) * W * P + w * P + j) * C + c], found[at]);
      }
    }
  }

  @Test
  void patchesOfOnePixelAreTheImage() {
    Tensor x = new Graph(DType.F32).input("x", DType.F32, Stage.EVALUATION, B, H, W, C);
    assertSame(x, PixelShuffle.toChannels(x, 1));
    assertSame(x, PixelShuffle.toPixels(x, 1));
  }
}
