package dev.fizzy.cli;

import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.Autoguidance;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: the model to sample from, and the sampler's settings. */
final class SamplingOptions {
  /** The folder of images without identities. */
  private static final String NOBODY = "unconditional";

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model from `fizzy train diffusion`; default: the built-in model.")
  private Path model;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description =
          "Identities to draw, from `fizzy contexts` or `fizzy embed`; without identities, for"
              + " --unconditional or a model without contexts, there is one folder of images.")
  private Path contexts;

  @Option(
      names = "--sampler",
      defaultValue = "dpm++",
      paramLabel = "NAME",
      completionCandidates = SamplerName.Forms.class,
      description = "Sampler: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private SamplerName sampler;

  @Option(
      names = "--steps",
      defaultValue = "20",
      description = "Network evaluations per image; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int steps;

  @Option(
      names = "--guidance",
      defaultValue = "1",
      paramLabel = "W",
      description =
          "Weight of classifier-free guidance; 1 disables it, any other value doubles the"
              + " computation. A model without a learned empty context uses the zero vector as the"
              + " unconditional context. Default: ${DEFAULT-VALUE}.")
  @Range
  private double guidance;

  @Option(
      names = "--guide-model",
      paramLabel = "FILE",
      description =
          "Let guidance lead away from what this model predicts for the same context: a smaller or"
              + " less trained one with the same autoencoder (autoguidance); with --negative, for"
              + " the negative context; default: the model itself, for the empty context.")
  private Path guide;

  @Mixin private ConditionOptions conditions;

  @Option(
      names = "--unconditional",
      description = "Draw unconditional samples: the values of the contexts are ignored.")
  private boolean unconditional;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description =
          "Images drawn at a time; does not change the images; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = LatentSampler.MAX_BATCH)
  private int batch;

  @Option(
      names = "--type",
      defaultValue = "f32",
      description = "Type of the activations, f32 or bf16; default: ${DEFAULT-VALUE}.")
  private DType type;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  /**
   * An open model and the identities to draw.
   *
   * @param guide null without --guide-model
   */
  record Opened(ModelFile file, ModelFile guide, Contexts contexts) implements AutoCloseable {
    int size() {
      return file.config().autoencoder().imageSize();
    }

    @Override
    public void close() {
      file.close();
      if (guide != null) {
        guide.close();
      }
    }
  }

  long seed() {
    return seed;
  }

  int steps() {
    return steps;
  }

  double guidance() {
    return guidance;
  }

  String samplerName() {
    return sampler.text();
  }

  /** What the network is given for each image. */
  ImageConditions conditions(Opened model, int threads) {
    return conditions
        .conditions(model.contexts(), seed, threads)
        .with(conditions.similarity(model.file(), seed));
  }

  /** Further settings that determine the images, for the manifest of a data set. */
  Map<String, Object> settings(Opened model) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("type", type.name());
    settings.put("unconditional", Boolean.toString(unconditional));
    if (model.guide() != null) {
      settings.put("guide-model", model.guide().sha256());
    }
    settings.putAll(conditions.settings());
    if (!model.contexts().parents().isEmpty()) {
      settings.put("parents", model.contexts().parents());
    }
    return settings;
  }

  /** Opens the model and the contexts and checks that the devices can draw them. */
  Opened open(DeviceOptions devices) {
    Devices.check(devices.names());
    return open();
  }

  /** Opens the model and the contexts. */
  Opened open() {
    if (unconditional && guidance != 1) {
      throw new OptionException(
          "--unconditional excludes guidance: --guidance must be 1, not " + guidance);
    }
    conditions.check(guidance, unconditional);
    if (guide != null && guidance == 1) {
      throw new OptionException("--guide-model needs a --guidance other than 1");
    }
    if (guide != null && conditions.beginsEmpty()) {
      throw new OptionException(
          "--identity-from begins with the empty context, which --guide-model replaces");
    }
    Contexts identities = contexts == null ? null : Contexts.read(contexts);
    ModelFile file = DefaultModel.openOr(model);
    try {
      FaceSampler.check(file);
      DenoiserConfig unet = file.config().denoiser();
      conditions.checkSimilarity(file.config());
      boolean ignored = unconditional || !unet.conditional();
      if (!unet.conditional()) {
        requireUnconditional();
      }
      if (identities == null && !ignored) {
        throw new OptionException("--contexts FILE is required: the identities to draw");
      }
      OptionTypes.checked(() -> settings(batch).plan(file.config().diffusion()));
      if (identities == null) {
        identities = new Contexts(List.of(NOBODY), new float[1][unet.contextInput()]);
      }
      if (!ignored) {
        identities.requireWidth(unet.contextInput());
      }
      return new Opened(file, guide(file), identities);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Throws for options that a model without contexts cannot follow. */
  private void requireUnconditional() {
    if (guidance != 1 && guide == null) {
      throw new OptionException(
          "the model has no contexts, so --guidance needs --guide-model, or must be 1, not "
              + guidance);
    }
    conditions.check(guidance, true);
  }

  /** The model that guides; null without --guide-model. */
  private ModelFile guide(ModelFile model) {
    if (guide == null) {
      return null;
    }
    ModelFile opened = ModelFile.open(guide);
    try {
      Autoguidance.check(model, opened);
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private FaceSampler.Settings settings(int images) {
    return new FaceSampler.Settings(
        sampler.sampler(),
        steps,
        guidance,
        conditions.times(),
        conditions.hasNegative(),
        !unconditional,
        images,
        type);
  }

  /** A sampler for the calling thread. */
  FaceSampler sampler(Opened model, Device device, int images) {
    return FaceSampler.open(device, model.file(), model.guide(), settings(images));
  }

  int batch() {
    return batch;
  }

  /**
   * Samplers of a model.
   *
   * @param images that they will draw together
   */
  Workers<FaceSampler> workers(Opened model, DeviceOptions devices, long images) {
    return devices.workers(images, batch, (device, most) -> sampler(model, device, most));
  }
}
