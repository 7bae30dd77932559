package dev.fizzy.cli;

import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: the model to sample from, and the sampler's settings. */
final class SamplingOptions {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model from `fizzy train diffusion`; default: the built-in model.")
  private Path model;

  @Option(
      names = "--contexts",
      required = true,
      paramLabel = "FILE",
      description = "Identities to draw, from `fizzy contexts` or `fizzy embed`.")
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

  /** An open model and the identities to draw. */
  record Opened(ModelFile file, Contexts contexts) implements AutoCloseable {
    int size() {
      return file.config().autoencoder().imageSize();
    }

    @Override
    public void close() {
      file.close();
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
    return conditions.conditions(model.contexts(), seed, threads);
  }

  /** Further settings that determine the images, for the manifest of a data set. */
  Map<String, Object> settings(Opened model) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("type", type.name());
    settings.put("unconditional", Boolean.toString(unconditional));
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
    Contexts identities = Contexts.read(contexts);
    ModelFile file = DefaultModel.openOr(model);
    try {
      FaceSampler.check(file);
      OptionTypes.checked(() -> settings(batch).plan(file.config().diffusion()));
      identities.requireWidth(file.config().unet().contextInput());
      return new Opened(file, identities);
    } catch (RuntimeException e) {
      file.close();
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
    return FaceSampler.open(device, model.file(), settings(images));
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
