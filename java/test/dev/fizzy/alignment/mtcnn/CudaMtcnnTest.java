package dev.fizzy.alignment.mtcnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.alignment.Photo;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.OnCuda;
import dev.fizzy.image.Rgb;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The networks give what they give on the CPU. */
@OnCuda
class CudaMtcnnTest {
  @Test
  void networksGiveTheSame() {
    MtcnnWeightFiles weights = MtcnnTest.random();
    same(weights.proposal(), MtcnnNetworks::proposal, 26, 34);
    same(weights.refinement(), MtcnnNetworks::refinement, 24, 24);
    same(weights.output(), MtcnnNetworks::output, 48, 48);
  }

  private static void same(
      MtcnnWeights weights, BiFunction<Graph, Tensor, Tensor> network, int height, int width) {
    byte[] pixels = MtcnnTest.noise(3 * height * width, 2);
    float[] expected = run(Devices.CPU, weights, network, height, width, pixels);
    float[] values = run(Devices.CUDA, weights, network, height, width, pixels);
    assertTrue(expected[0] != 0);
    assertEquals(expected.length, values.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], values[i], 2e-5 * (1 + Math.abs(expected[i])));
    }
  }

  private static float[] run(
      String name,
      MtcnnWeights weights,
      BiFunction<Graph, Tensor, Tensor> network,
      int height,
      int width,
      byte[] pixels) {
    try (Device device = Devices.open(name, 1);
        Network opened = new Network(device, weights, network, 1, height, width)) {
      return opened.run(pixels).clone();
    }
  }

  /** On a device that it opens and closes; a photo smaller than any face needs no network. */
  @Test
  void opensItsDevice() {
    try (Mtcnn mtcnn = Mtcnn.open(Devices.CUDA, MtcnnTest.random(), MtcnnOptions.DEFAULT)) {
      List<Photo> small = List.of(new Photo("a", new Rgb(2, 2, new byte[12])));
      assertEquals(List.of(List.of()), mtcnn.detect(small));
    }
  }
}
