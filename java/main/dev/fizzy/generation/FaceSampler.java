package dev.fizzy.generation;

import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.diffusion.Prediction;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SamplingPlan;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;

/** Draws faces: latents by the sampler, pixels by the decoder, in batches of one fixed size. */
public final class FaceSampler implements AutoCloseable {

  /**
   * How to draw.
   *
   * @param guidance weight of classifier-free guidance; 1 is none
   * @param conditional false ignores the contexts
   */
  public record Settings(
      Sampler sampler, int steps, double guidance, boolean conditional, int batch, DType type) {}

  private final LatentSampler latents;
  private final Autoencoding decoder;
  private final double scale;

  /**
   * @param autoencoder VALUES are used
   * @param region of the U-Net's weights: VALUES, or AVERAGE while training
   */
  public FaceSampler(
      Device device,
      ModelConfig config,
      Parameters autoencoder,
      Parameters unet,
      Region region,
      Settings settings) {
    ModelConfig.DiffusionConfig process = config.diffusion();
    if (process.latentScale() == 0) {
      throw new FileException(
          "the model's latent_scale is 0, which asks for measuring it in training; it cannot draw");
    }
    SamplingPlan plan =
        settings
            .sampler()
            .plan(
                process.noise(),
                Prediction.of(process.prediction()),
                settings.steps(),
                (float) settings.guidance(),
                0);
    this.latents =
        new LatentSampler(
            device,
            config.unet(),
            unet,
            region,
            plan,
            settings.batch(),
            settings.type(),
            settings.guidance() != 1 && settings.conditional(),
            settings.conditional());
    this.decoder =
        Autoencoding.decoder(
            device,
            config.autoencoder(),
            autoencoder,
            Region.VALUES,
            settings.batch(),
            settings.type());
    this.scale = process.latentScale();
  }

  /** A file's autoencoder. */
  public static Parameters autoencoder(Device device, ModelFile file) {
    return filled(device, file, Recorded.Network.AUTOENCODER);
  }

  /** A file's U-Net. */
  public static Parameters unet(Device device, ModelFile file) {
    return filled(device, file, Recorded.Network.UNET);
  }

  private static Parameters filled(Device device, ModelFile file, Recorded.Network network) {
    Graph g = Recorded.graph(file.config(), network, 1, DType.F32, false);
    Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES);
    file.fill(parameters, Region.VALUES);
    return parameters;
  }

  public int batch() {
    return latents.batch();
  }

  /**
   * Draws one batch.
   *
   * @param contexts [batch][contextInput]
   * @param rows identity and image number of each, [batch*2]
   * @return RGB pixels [batch*S*S*3]
   */
  public byte[] draw(float[][] contexts, int[] rows, long seed) {
    float[] z = latents.sample(contexts, rows, seed);
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) (z[i] / scale);
    }
    return decoder.decode(z);
  }

  @Override
  public void close() {
    latents.close();
    decoder.close();
  }
}
