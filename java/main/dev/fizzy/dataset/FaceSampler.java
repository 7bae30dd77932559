package dev.fizzy.dataset;

import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.diffusion.NoiseSchedule;
import dev.fizzy.diffusion.Prediction;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SamplingPlan;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.VqAutoencoder;

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
    SamplingPlan plan =
        settings
            .sampler()
            .plan(
                NoiseSchedule.of(process.schedule(), process.steps()),
                Prediction.of(process.prediction()),
                settings.steps(),
                settings.guidance(),
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
            device, config.autoencoder(), autoencoder, Region.VALUES, settings.batch(), settings.type());
    this.scale = process.latentScale();
  }

  /** A file's autoencoder. */
  public static Parameters autoencoder(Device device, ModelFile file) {
    Graph g = new Graph(DType.F32);
    int s = file.config().autoencoder().imageSize();
    VqAutoencoder network = new VqAutoencoder(g, file.config().autoencoder());
    Tensor image = g.input("image", DType.F32, Stage.EVALUATION, 1, s, s, 3);
    network.decode(network.quantize(network.encode(image)).quantised());
    return filled(device, g, file);
  }

  /** A file's U-Net. */
  public static Parameters unet(Device device, ModelFile file) {
    UNetConfig config = file.config().unet();
    Graph g = new Graph(DType.F32);
    UNet network = new UNet(g, config);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 1, config.size(), config.size(), config.latentChannels());
    Tensor t = g.input("t", DType.F32, Stage.EVALUATION, 1);
    Tensor context = null;
    if (config.conditioning() != UNetConfig.Conditioning.NONE) {
      context = network.embedContext(g.input("identity", DType.F32, Stage.EVALUATION, 1, config.contextInput()));
      network.emptyContext();
    }
    network.predict(x, t, context);
    return filled(device, g, file);
  }

  private static Parameters filled(Device device, Graph g, ModelFile file) {
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
