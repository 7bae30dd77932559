package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.VqAutoencoderConfig;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Large batches are computed in parts, with the same result. */
class AutoencodingTest {
  private static final int BATCH = 5;
  private static final double SCALE = .18215;

  @Test
  void aPartHasAtMost256Images() {
    assertEquals(1, Autoencoding.part(1));
    assertEquals(256, Autoencoding.part(256));
    assertEquals(129, Autoencoding.part(257));
    assertEquals(256, Autoencoding.part(512));
    assertEquals(171, Autoencoding.part(513));
  }

  /** Also of scaled latents that stay on the device, in parts, the last of which is not full. */
  @Test
  void partsDecodeToTheSameImages() {
    ModelConfig config = ModelConfig.load("tiny");
    VqAutoencoderConfig autoencoder = config.autoencoder();
    int s = autoencoder.latentSize();
    Graph all = Recorded.graph(config, Recorded.Network.AUTOENCODER, 1, DType.F32, false);
    float[] scaled = new float[BATCH * s * s * autoencoder.zChannels()];
    float[] z = new float[scaled.length];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < z.length; i++) {
      scaled[i] = (float) random.nextDouble(-SCALE, SCALE);
      z[i] = (float) (scaled[i] / SCALE);
    }
    scaled[z.length - 1] = -7;
    z[z.length - 1] = (float) (-7 / SCALE);
    Graph drawn = new Graph(DType.F32);
    Tensor latents =
        drawn.input("x", DType.F32, Stage.EVALUATION, BATCH, s, s, autoencoder.zChannels());
    try (Device device = new CpuDevice();
        Program program = new Program(drawn, device, null);
        Parameters weights = new Parameters(device, all.parameters(), Region.VALUES)) {
      weights.initialize(1);
      program.write(latents, scaled);
      byte[] whole = decode(device, config, weights, 1, BATCH, d -> d.decode(z)).pixels();
      assertEquals(BATCH * 3 * autoencoder.imageSize() * autoencoder.imageSize(), whole.length);
      assertArrayEquals(
          whole, decode(device, config, weights, 1, 2, d -> d.decode(z)).pixels(), "in parts");
      Autoencoding.Decoded there =
          decode(device, config, weights, SCALE, 2, d -> d.decode(program, latents));
      assertArrayEquals(whole, there.pixels(), "from the device");
      assertEquals(BATCH, there.extremes().length);
      assertEquals(-7, there.extremes()[BATCH - 1], "the latent with the largest magnitude");
    }
  }

  private static Autoencoding.Decoded decode(
      Device device,
      ModelConfig config,
      Parameters weights,
      double scale,
      int most,
      Function<Autoencoding, Later<Autoencoding.Decoded>> decode) {
    try (Autoencoding decoder =
        Autoencoding.decoder(
            device, config.autoencoder(), weights, Region.VALUES, BATCH, DType.F32, scale, most)) {
      assertEquals(BATCH, decoder.batch());
      return decode.apply(decoder).get();
    }
  }
}
