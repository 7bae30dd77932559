package dev.fizzy.generation;

import dev.fizzy.autoregression.CodeChoice;
import dev.fizzy.autoregression.CodeSampler;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.FirstPhase;
import dev.fizzy.diffusion.GuidanceTimes;
import dev.fizzy.diffusion.LatentDrawer;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.diffusion.Prediction;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SamplingPlan;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.Recorded;
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
   * How to draw.
   *
   * @param steps network evaluations per image
   * @param guidance weight of classifier-free guidance; 1 for none
   * @param times at which guidance applies
   * @param phase in which faces are drawn with the empty context; null for none
   * @param inject whether the self-attention of faces with a context has the maps of the empty one
   * @param negative whether guidance leads away from a face's negative context, instead of the
   *     empty one
   * @param conditional false ignores the contexts
   * @param batch largest number of faces drawn at a time; does not change them
   * @param temperature of an autoregressive model, which uses neither sampler, steps nor times
   * @param topK the number of the most probable codes that an autoregressive model draws from; 0
   *     for all
   */
  public record Settings(
      Sampler sampler,
      int steps,
      double guidance,
      GuidanceTimes times,
      FirstPhase phase,
      boolean inject,
      boolean negative,
      boolean conditional,
      int batch,
      DType type,
      double temperature,
      int topK) {
    /** With the same guidance weight at all times, away from the empty context. */
    public Settings(
        Sampler sampler, int steps, double guidance, boolean conditional, int batch, DType type) {
      this(
          sampler,
          steps,
          guidance,
          GuidanceTimes.ALL,
          null,
          false,
          false,
          conditional,
          batch,
          type,
          1,
          0);
    }

    /**
     * The steps of the sampler; throws if the process has fewer times than steps, or if the model
     * was distilled to draw otherwise.
     */
    public SamplingPlan plan(ModelConfig config) {
      checkGuidance(config.denoiser().guidance());
      DistilledSampling only = config.sampling();
      if (only != null && (steps != only.steps() || !sampler.equals(Sampler.of(only.sampler())))) {
        throw new EngineException(
            "the model was distilled to draw with "
                + only
                + " and knows no others: leave out --sampler and --steps");
      }
      ModelConfig.DiffusionConfig process = config.diffusion();
      NoiseSchedule schedule = process.noise();
      Prediction prediction = Prediction.of(process.prediction());
      SamplingPlan plan = sampler.plan(schedule, prediction, steps, (float) guidance, 0);
      return times.apply(plan, guidance, schedule);
    }

    /** Throws if the model cannot be drawn with in this way. */
    public void check(ModelConfig config) {
      if (config.autoregressive() == null) {
        plan(config);
      } else {
        choice();
      }
    }

    CodeChoice choice() {
      return new CodeChoice(guidance, temperature, topK);
    }

    private void checkGuidance(GuidanceRange range) {
      if (range == null) {
        return;
      }
      boolean empty = times.identityFrom() != Integer.MAX_VALUE || phase != null || inject;
      if (!conditional || negative || empty) {
        throw new EngineException(
            "the model takes the guidance weight as an input, so it has no empty context and no"
                + " negative ones");
      }
      boolean outside = !times.constant() && !range.contains(1);
      if (!range.contains(guidance) || outside) {
        throw new EngineException(
            "the model takes guidance weights from "
                + range
                + ", not "
                + (range.contains(guidance) ? "1, which it has where guidance is off" : guidance));
      }
    }

    /**
     * @param student whether the network takes the guidance weight as an input
     */
    LatentSampler.Conditioning conditioning(boolean student, boolean guide) {
      if (student) {
        return LatentSampler.Conditioning.CONTEXT;
      }
      if (!conditional) {
        return LatentSampler.Conditioning.EMPTY;
      }
      if (!times.guides(guidance)) {
        return LatentSampler.Conditioning.CONTEXT;
      }
      if (negative) {
        return LatentSampler.Conditioning.AWAY_FROM_NEGATIVE;
      }
      if (inject) {
        return LatentSampler.Conditioning.INJECTED;
      }
      return guide
          ? LatentSampler.Conditioning.AWAY_FROM_GUIDE
          : LatentSampler.Conditioning.AWAY_FROM_EMPTY;
    }
  }

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
      Settings settings) {
    this(device, config, null, null, autoencoder, unet, region, settings, List.of());
  }

  /** A sampler of a file's weights; the file may be closed before it. */
  public static FaceSampler open(Device device, ModelFile file, Settings settings) {
    return open(device, file, null, null, settings);
  }

  /**
   * A sampler of the weights of files, which may be closed before it.
   *
   * @param guide a model that passes {@link Autoguidance#check}; null for none
   * @param small decoder for the model's latents; null for the model's own
   */
  public static FaceSampler open(
      Device device, ModelFile file, ModelFile guide, SmallDecoderFile small, Settings settings) {
    List<Parameters> owned = new ArrayList<>();
    try {
      Parameters decoder =
          small == null
              ? autoencoder(device, file.whole())
              : smallDecoder(device, file.config(), small);
      owned.add(decoder);
      Parameters unet =
          guide == null ? unet(device, file) : Autoguidance.unets(device, file, guide);
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

  private static Parameters smallDecoder(
      Device device, ModelConfig config, SmallDecoderFile small) {
    int latents = config.autoencoder().latentSize();
    List<Parameter> parameters =
        Autoencoding.smallDecoder(small.config(), latents, 1, DType.F32, 1).parameters();
    Parameters filled = new Parameters(device, parameters, Region.VALUES);
    small.fill(filled);
    return filled;
  }

  private FaceSampler(
      Device device,
      ModelConfig config,
      DenoiserConfig guide,
      SmallDecoderConfig small,
      Parameters autoencoder,
      Parameters unet,
      Region region,
      Settings settings,
      List<Parameters> owned) {
    this.owned = owned;
    this.size = config.autoencoder().imageSize();
    double scale = latentScale(config);
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
                settings.type(),
                scale)
            : Autoencoding.decoder(
                device,
                small,
                config.autoencoder().latentSize(),
                autoencoder,
                Region.VALUES,
                settings.batch(),
                settings.type(),
                scale);
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

  /** A file's autoencoder. */
  public static Parameters autoencoder(Device device, ModelFile file) {
    return autoencoder(device, file, file.config());
  }

  /** A file's autoencoder for another configuration with the same networks. */
  public static Parameters autoencoder(Device device, ModelFile file, ModelConfig config) {
    return filled(device, file, config, Recorded.Network.AUTOENCODER);
  }

  /** A file's U-Net. */
  public static Parameters unet(Device device, ModelFile file) {
    return filled(device, file, file.config(), Recorded.Network.UNET);
  }

  private static Parameters filled(
      Device device, ModelFile file, ModelConfig config, Recorded.Network network) {
    Parameters parameters = new Parameters(device, parameters(config, network), Region.VALUES);
    file.fill(parameters, Region.VALUES);
    return parameters;
  }

  static List<Parameter> parameters(ModelConfig config, Recorded.Network network) {
    return Recorded.graph(config, network, 1, DType.F32, false).parameters();
  }

  /** Throws if a file does not contain a model that can draw. */
  public static void check(ModelFile file) {
    latentScale(file.whole().config());
    file.require(parameters(file.config(), Recorded.Network.AUTOENCODER));
    file.require(parameters(file.config(), Recorded.Network.UNET));
  }

  private static double latentScale(ModelConfig config) {
    if (config.autoregressive() != null) {
      return 1; // the codes themselves are drawn
    }
    double scale = config.diffusion().latentScale();
    if (scale == 0) {
      throw new FileException(
          "the model's latent_scale is 0, which asks for measuring it in training; it cannot draw");
    }
    return scale;
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
