package dev.fizzy.cli;

import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.Calibration;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.NetworkConfig;
import dev.fizzy.model.SmallDecoderFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: the model to sample from, and the sampler's settings. */
final class SamplingOptions {
  /** The folder of images without identities. */
  private static final String NOBODY = "unconditional";

  @Mixin private VariantOptions variant;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description =
          "Identities to draw, from `fizzy contexts` or `fizzy embed`; without identities, for"
              + " --unconditional or a model without contexts, there is one folder of images.")
  private Path contexts;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private SamplerOptions sampler;
  @Mixin private GuidanceOptions guidance;
  @Mixin private ConditionOptions conditions;
  @Mixin private CodeOptions codes;

  @Option(
      names = "--unconditional",
      description = "Draw unconditional samples: the values of the contexts are ignored.")
  private boolean unconditional;

  @Option(
      names = "--batch",
      defaultValue = "auto",
      paramLabel = "N|auto",
      converter = BatchSize.class,
      description =
          "Images drawn at a time, at most; does not change the images; auto: 32 for each thread of"
              + " the CPU, on a GPU by its free memory; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = LatentSampler.MAX_BATCH)
  private Integer batch;

  @Option(
      names = "--type",
      defaultValue = "auto",
      description =
          "Type of the activations, f32, bf16, int8 or auto: bf16 where the processor has it, else"
              + " f32; changes the images slightly. int8 is bf16 with most products in integers, on"
              + " processors with AVX-512 BF16, for models from `fizzy model calibrate`; default:"
              + " ${DEFAULT-VALUE}.")
  private TypeChoice type;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  /**
   * An open model and the identities to draw.
   *
   * @param guide null without --guide-model
   * @param decoder a small one, or null
   * @param choice what it is drawn with
   */
  record Opened(
      ModelFile file,
      ModelFile guide,
      SmallDecoderFile decoder,
      Contexts contexts,
      SamplingChoice choice)
      implements AutoCloseable {
    int size() {
      return file.config().autoencoder().imageSize();
    }

    @Override
    public void close() {
      file.close();
      if (guide != null) {
        guide.close();
      }
      if (decoder != null) {
        decoder.close();
      }
    }
  }

  long seed() {
    return seed;
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
    settings.put("type", model.choice().type().name());
    settings.put("unconditional", Boolean.toString(unconditional));
    if (model.guide() != null) {
      settings.put("guide-model", model.guide().sha256());
    }
    if (model.decoder() != null) {
      settings.put("decoder", model.decoder().sha256());
    }
    if (guided(model) && model.file().config().autoregressive() == null) {
      settings.put("guidance-parallel", guidance.parallel());
    }
    model.choice().addTo(settings);
    settings.putAll(guidance.settings());
    settings.putAll(conditions.settings());
    settings.putAll(codes.settings());
    if (!model.contexts().parents().isEmpty()) {
      settings.put("parents", model.contexts().parents());
    }
    return settings;
  }

  /** Opens the model and the contexts and checks that the devices can draw them. */
  Opened open(DeviceOptions devices) {
    type.check(devices.names());
    Devices.check(devices.names());
    return open(devices.names());
  }

  /**
   * Opens the model and the contexts.
   *
   * @param devices that choose the type
   */
  Opened open(List<String> devices) {
    Double weight = sampler.guidance();
    if (unconditional && weight != null && weight != 1) {
      throw new OptionException(
          "--unconditional excludes guidance: --guidance must be 1, not " + weight);
    }
    DType computed = type.on(devices);
    Contexts identities = contexts == null ? null : Contexts.read(contexts);
    ModelFile file = variant.open();
    SmallDecoderFile small = null;
    try {
      small = variant.openDecoder(file);
      ModelWeights.check(file);
      if (computed == DType.INT8) {
        Calibration.require(file);
      }
      ModelConfig config = file.config();
      SamplingChoice choice = choice(config, computed);
      NetworkConfig network = config.network();
      boolean ignored = unconditional || !network.conditional();
      check(config, choice);
      if (identities == null && !ignored) {
        throw new OptionException("--contexts FILE is required: the identities to draw");
      }
      OptionTypes.checked(() -> settings(choice, 1).check(config));
      if (config.autoregressive() == null) {
        guidance.checkTimes(settings(choice, 1).plan(config).timesteps());
      }
      if (identities == null) {
        identities = new Contexts(List.of(NOBODY), new float[1][network.contextInput()]);
      }
      if (!ignored) {
        identities.requireWidth(network.contextInput());
      }
      ModelFile guide = guidance.open(file, conditions.hasNegative(), computed);
      return new Opened(file, guide, small, identities, choice);
    } catch (RuntimeException e) {
      file.close();
      if (small != null) {
        small.close();
      }
      throw e instanceof OptionException option
          ? new OptionException(option.getMessage() + variant.chosen())
          : e;
    }
  }

  /** What the options, the preset and the model choose together. */
  private SamplingChoice choice(ModelConfig config, DType computed) {
    List<String> denoising = new ArrayList<>(sampler.given());
    guidance.settings().keySet().forEach(name -> denoising.add("--" + name));
    if (guidance.hasModel()) {
      denoising.add("--guide-model");
    }
    if (variant.fewSteps()) {
      denoising.add("--preset fast or fastest");
    }
    codes.check(config, denoising);
    boolean spaced = Given.has(command, "--spacing");
    return sampler.choice(config, variant, unconditional, computed, spaced);
  }

  /** Throws for options that the model cannot follow or that exclude each other. */
  private void check(ModelConfig config, SamplingChoice choice) {
    if (unconditional) {
      guidance.requireUnconditional(false);
      conditions.requireUnconditional();
    }
    guidance.check(config, choice.guidance(), conditions.hasNegative());
    conditions.check(choice.guidance());
    conditions.checkSimilarity(config);
    if (!config.network().conditional()) {
      if (choice.guidance() != 1 && !guidance.hasModel()) {
        throw new OptionException(
            "the model has no contexts, so --guidance needs --guide-model, or must be 1, not "
                + choice.guidance());
      }
      guidance.requireUnconditional(guidance.hasModel());
      conditions.requireUnconditional();
    }
  }

  private SamplingSettings settings(SamplingChoice choice, int images) {
    return new SamplingSettings(
        choice.sampler(),
        choice.steps(),
        choice.guidance(),
        guidance.times(),
        guidance.phase(),
        guidance.injects(),
        conditions.hasNegative(),
        !unconditional,
        images,
        choice.type(),
        codes.temperature(),
        codes.topK());
  }

  /** A sampler for the calling thread. */
  FaceSampler sampler(Opened model, Device device, int images) {
    return FaceSampler.open(
        device, model.file(), model.guide(), model.decoder(), settings(model.choice(), images));
  }

  /** The batch for a device whose memory is not asked. */
  int batch() {
    return batch == null ? BatchSize.CPU : batch;
  }

  /**
   * Samplers of a model.
   *
   * @param images that they will draw together
   */
  Workers<FaceSampler> workers(Opened model, DeviceOptions devices, long images) {
    ModelConfig config = model.file().config();
    return devices.workers(
        images,
        batch,
        (device, most) -> sampler(model, device, most),
        (device, most) ->
            MemoryPlan.sampling(device, config, model.choice().type(), guided(model), most, 1)
                .networkBytes());
  }

  /** Evaluations of the network for an image that is drawn: two a step with guidance. */
  int evaluations(Opened model) {
    return model.choice().steps() * (guided(model) ? 2 : 1);
  }

  private boolean guided(Opened model) {
    return model.file().config().network().guidance() == null
        && !unconditional
        && guidance.times().guides(model.choice().guidance());
  }

  /** Throws if files beside the model are needed. */
  void requireOneModel(String part) {
    if (!variant.isModel()) {
      throw new OptionException(
          part + " excludes files beside the model and --decoder; name a student with --model");
    }
  }

  /** Throws if the type depends on the machine: parts may run on different ones. */
  void requireType(String part) {
    if (type == TypeChoice.AUTO) {
      throw new OptionException(
          part
              + " needs --type f32, bf16 or int8, the same for all parts: auto could choose"
              + " differently on their machines");
    }
  }
}
