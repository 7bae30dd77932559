package dev.fizzy.generation;

import dev.fizzy.autoregression.CodeSampler;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.LatentDrawer;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Workers;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.SmallDecoderConfig;
import dev.fizzy.model.SmallDecoderFile;
import dev.fizzy.model.VqAutoencoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Draws faces, in batches of one planned size: latents by the sampler, pixels by the decoder. */
public final class FaceSampler implements Workers.Network<FaceSampler> {

  /**
   * A face to draw.
   *
   * @param context what the network is given, [contextWidth]
   * @param negative the context that guidance leads away from; null for the empty one
   * @param identity number of the identity, which selects the noise
   * @param image number of the identity's image, which selects the noise
   */
  public record Face(float[] context, float[] negative, int identity, int image) {
    public Face(float[] context, int identity, int image) {
      this(context, null, identity, image);
    }
  }

  private final List<Parameters> owned;
  private final int size;
  private final LatentDrawer latents;
  private final Autoencoding decoder;

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
      SamplingSettings settings) {
    this(device, config, null, null, autoencoder, unet, region, settings, List.of());
  }

  /** A sampler of a file's weights; the file may be closed before it. */
  public static FaceSampler open(Device device, ModelFile file, SamplingSettings settings) {
    return open(device, file, null, null, settings);
  }

  /**
   * A sampler of the weights of files, which may be closed before it.
   *
   * @param guide a model that passes {@link Autoguidance#check}; null for none
   * @param small decoder for the model's latents; null for the model's own
   */
  public static FaceSampler open(
      Device device,
      ModelFile file,
      ModelFile guide,
      SmallDecoderFile small,
      SamplingSettings settings) {
    List<Parameters> owned = new ArrayList<>();
    try {
      Parameters decoder =
          small == null
              ? ModelWeights.autoencoder(device, file.whole())
              : ModelWeights.smallDecoder(device, small);
      owned.add(decoder);
      Parameters unet =
          guide == null
              ? ModelWeights.unet(device, file, settings.type())
              : Autoguidance.unets(device, file, guide, settings.type());
      owned.add(unet);
      DenoiserConfig other = guide == null ? null : guide.config().denoiser();
      SmallDecoderConfig config = small == null ? null : small.config();
      return new FaceSampler(
          device, file.config(), other, config, decoder, unet, Region.VALUES, settings, owned);
    } catch (RuntimeException e) {
      owned.forEach(Parameters::close);
      throw e;
    }
  }

  private FaceSampler(
      Device device,
      ModelConfig config,
      DenoiserConfig guide,
      SmallDecoderConfig small,
      Parameters autoencoder,
      Parameters unet,
      Region region,
      SamplingSettings settings,
      List<Parameters> owned) {
    this.owned = owned;
    this.size = config.autoencoder().imageSize();
    double scale = ModelWeights.latentScale(config);
    DType decoded = settings.type().activations();
    this.latents =
        config.autoregressive() == null
            ? new LatentSampler(
                device,
                config.denoiser(),
                guide,
                unet,
                region,
                settings.plan(config),
                settings.batch(),
                settings.type(),
                settings.conditioning(config.denoiser().guidance() != null, guide != null),
                settings.phase())
            : new CodeSampler(
                device,
                config.autoregressive(),
                VqAutoencoder.codebook(autoencoder),
                unet,
                region,
                settings.choice(),
                settings.batch(),
                settings.type(),
                settings.conditioning(false, false));
    this.decoder =
        small == null
            ? Autoencoding.decoder(
                device,
                config.autoencoder(),
                autoencoder,
                Region.VALUES,
                settings.batch(),
                decoded,
                scale)
            : Autoencoding.decoder(
                device, small, autoencoder, Region.VALUES, settings.batch(), decoded, scale);
  }

  private FaceSampler(FaceSampler first) {
    owned = List.of();
    size = first.size;
    latents = first.latents.twin();
    decoder = first.decoder.twin();
  }

  @Override
  public FaceSampler twin() {
    return new FaceSampler(this);
  }

  @Override
  public long activationBytes() {
    return latents.activationBytes() + decoder.activationBytes();
  }

  public int batch() {
    return latents.batch();
  }

  /**
   * Draws faces; a short batch is padded with its last face.
   *
   * @param faces at least one, at most a batch
   */
  public List<Rgb> draw(List<Face> faces, long seed) {
    return start(faces, seed).get();
  }

  /** As {@link #draw}; a GPU computes while the host goes on, such as starting the next faces. */
  public Later<List<Rgb>> start(List<Face> faces, long seed) {
    if (faces.isEmpty() || faces.size() > batch()) {
      throw new EngineException(
          "a sampler of batch " + batch() + " cannot draw " + faces.size() + " faces at a time");
    }
    float[][] contexts = new float[batch()][];
    float[][] negatives = new float[batch()][];
    int[] rows = new int[2 * batch()];
    for (int i = 0; i < batch(); i++) {
      Face face = faces.get(Math.min(i, faces.size() - 1));
      contexts[i] = face.context();
      negatives[i] = face.negative();
      rows[2 * i] = face.identity();
      rows[2 * i + 1] = face.image();
    }
    return latents
        .draw(contexts, negatives, rows, seed, decoder)
        .map(pixels -> images(pixels, faces.size()));
  }

  private List<Rgb> images(byte[] pixels, int count) {
    int bytes = 3 * size * size;
    return IntStream.range(0, count)
        .mapToObj(i -> new Rgb(size, size, Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes)))
        .toList();
  }

  @Override
  public void close() {
    latents.close();
    decoder.close();
    owned.forEach(Parameters::close);
  }
}
