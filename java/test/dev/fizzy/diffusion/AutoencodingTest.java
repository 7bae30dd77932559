package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Large batches are computed in parts, with the same result. */
class AutoencodingTest {
  private static final int BATCH = 5;

  @Test
  void aPartHasAtMost256Images() {
    assertEquals(1, Autoencoding.part(1));
    assertEquals(256, Autoencoding.part(256));
    assertEquals(129, Autoencoding.part(257));
    assertEquals(256, Autoencoding.part(512));
    assertEquals(171, Autoencoding.part(513));
  }

  @Test
  void partsDecodeToTheSameImages() {
    ModelConfig config = ModelConfig.load("tiny");
    Graph all = Recorded.graph(config, Recorded.Network.AUTOENCODER, 1, DType.F32, false);
    int latent =
        config.autoencoder().latentSize()
            * config.autoencoder().latentSize()
            * config.autoencoder().zChannels();
    float[] z = new float[BATCH * latent];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) random.nextDouble(-1, 1);
    }
    try (Device device = new CpuDevice();
        Parameters weights = new Parameters(device, all.parameters(), Region.VALUES)) {
      weights.initialize(1);
      byte[] whole = decode(device, config, weights, z, BATCH);
      assertEquals(
          BATCH * 3 * config.autoencoder().imageSize() * config.autoencoder().imageSize(),
          whole.length);
      assertArrayEquals(whole, decode(device, config, weights, z, 2));
    }
  }

  private static byte[] decode(
      Device device, ModelConfig config, Parameters weights, float[] z, int most) {
    try (Autoencoding decoder =
        Autoencoding.decoder(
            device, config.autoencoder(), weights, Region.VALUES, BATCH, DType.F32, most)) {
      assertEquals(BATCH, decoder.batch());
      return decoder.decode(z);
    }
  }
}
