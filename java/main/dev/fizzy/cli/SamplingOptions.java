package dev.fizzy.cli;

import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.Spacing;
import dev.fizzy.diffusion.UniPc;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.Autoguidance;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.NetworkConfig;
import dev.fizzy.model.SmallDecoderFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      completionCandidates = SamplerName.Forms.class,
      description =
          "Sampler: ${COMPLETION-CANDIDATES}; default: that of a distilled model, otherwise dpm++;"
              + " autoregressive models have none.")
  private SamplerName sampler;

  @Option(
      names = "--steps",
      description =
          "Network evaluations per image; default: those of a distilled model or of the preset,"
              + " otherwise 20.")
  @Range(min = 1)
  private Integer steps;

  @Option(
      names = "--spacing",
      paramLabel = "NAME",
      description =
          "Spacing of the times of dpm++ and unipc: clipped, even in the log of the signal-to-noise"
              + " ratio, without those at which images are almost pure noise or almost without"
              + " noise; full, with them, as sets were drawn whose manifest has no spacing; time,"
              + " even in time; default: clipped.")
  private Spacing spacing;

  @Option(
      names = "--guidance",
      paramLabel = "W",
      description =
          "Weight of classifier-free guidance; 1 disables it, any other value doubles the"
              + " computation, except in a distilled model, which takes the weight as an input. A"
              + " model without a learned empty context uses the zero vector as the unconditional"
              + " context. Default: 1; of a distilled model the weight that its file names, else the"
              + " middle of its range.")
  @Range
  private Double guidance;

  @Option(
      names = "--guide-model",
      paramLabel = "FILE",
      description =
          "Let guidance lead away from what this model predicts for the same context: a smaller or"
              + " less trained one with the same autoencoder (autoguidance); with --negative, for"
              + " the negative context; default: the model itself, for the empty context.")
  private Path guide;

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
          "Type of the activations, f32, bf16 or auto: bf16 where the processor has it, else f32;"
              + " changes the images slightly; default: ${DEFAULT-VALUE}.")
  private TypeChoice type;

  private DType computed;

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
   */
  record Opened(ModelFile file, ModelFile guide, SmallDecoderFile decoder, Contexts contexts)
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

  int steps() {
    return steps;
  }

  double guidance() {
    return guidance;
  }

  String samplerName() {
    return sampler == null ? CodeOptions.SAMPLER : sampler.text();
  }

  /** The sampler with its spacing; null for an autoregressive model. */
  private Sampler solver() {
    Sampler named = sampler == null ? null : sampler.sampler();
    return spacing == null ? named : named.spaced(spacing);
  }

  /** Fills in the options that were not given, by the model. */
  private void complete(ModelConfig config) {
    List<String> denoising = new ArrayList<>(conditions.timed());
    if (sampler != null) {
      denoising.add("--sampler");
    }
    if (steps != null) {
      denoising.add("--steps");
    }
    if (spacing != null) {
      denoising.add("--spacing");
    }
    if (guide != null) {
      denoising.add("--guide-model");
    }
    if (variant.fewSteps()) {
      denoising.add("--preset fast or fastest");
    }
    codes.check(config, denoising);
    if (config.autoregressive() != null) {
      steps = config.autoregressive().tokens();
      guidance = guidance != null ? guidance : unconditional ? 1 : variant.guidance();
      return;
    }
    DistilledSampling only = config.sampling();
    String usualSampler = only == null ? variant.sampler() : only.sampler();
    sampler = sampler != null ? sampler : new SamplerName(usualSampler);
    if (spacing != null && sampler.sampler().spacing() == null) {
      if (command.commandLine().getParseResult().hasMatchedOption("--spacing")) {
        throw new OptionException("--spacing is for dpm++ and unipc, not " + sampler);
      }
      spacing = null; // a default of the user's, for commands that it fits
    }
    steps = steps != null ? steps : only == null ? variant.steps() : only.steps();
    if (guidance == null) {
      Double own = config.usualGuidance();
      guidance = own != null ? own : unconditional ? 1 : variant.guidance();
    }
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
    settings.put("type", computed.name());
    settings.put("unconditional", Boolean.toString(unconditional));
    if (model.guide() != null) {
      settings.put("guide-model", model.guide().sha256());
    }
    if (model.decoder() != null) {
      settings.put("decoder", model.decoder().sha256());
    }
    if (guided(model.file().config()) && model.file().config().autoregressive() == null) {
      settings.put("guidance-parallel", conditions.parallel());
    }
    Sampler solver = solver();
    if (solver instanceof UniPc) {
      settings.put("unipc", UniPc.VERSION);
    }
    if (solver != null && solver.spacing() != null && solver.spacing() != Spacing.FULL) {
      settings.put("spacing", solver.spacing().name().toLowerCase(Locale.ROOT));
    }
    settings.putAll(conditions.settings());
    settings.putAll(codes.settings());
    if (!model.contexts().parents().isEmpty()) {
      settings.put("parents", model.contexts().parents());
    }
    return settings;
  }

  /** Opens the model and the contexts and checks that the devices can draw them. */
  Opened open(DeviceOptions devices) {
    Devices.check(devices.names());
    return open(devices.names());
  }

  /**
   * Opens the model and the contexts.
   *
   * @param devices that choose the type
   */
  Opened open(List<String> devices) {
    if (unconditional && guidance != null && guidance != 1) {
      throw new OptionException(
          "--unconditional excludes guidance: --guidance must be 1, not " + guidance);
    }
    computed = type.on(devices);
    Contexts identities = contexts == null ? null : Contexts.read(contexts);
    ModelFile file = variant.open();
    SmallDecoderFile small = null;
    try {
      small = variant.openDecoder(file);
      FaceSampler.check(file);
      complete(file.config());
      checkGuidance(file.config());
      NetworkConfig network = file.config().network();
      conditions.checkSimilarity(file.config());
      boolean ignored = unconditional || !network.conditional();
      if (!network.conditional()) {
        requireUnconditional();
      }
      if (identities == null && !ignored) {
        throw new OptionException("--contexts FILE is required: the identities to draw");
      }
      OptionTypes.checked(() -> settings(1).check(file.config()));
      if (file.config().autoregressive() == null) {
        conditions.checkTimes(settings(1).plan(file.config()).timesteps());
      }
      if (identities == null) {
        identities = new Contexts(List.of(NOBODY), new float[1][network.contextInput()]);
      }
      if (!ignored) {
        identities.requireWidth(network.contextInput());
      }
      return new Opened(file, guide(file), small, identities);
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

  /** Throws if options exclude each other. */
  private void checkGuidance(ModelConfig config) {
    conditions.check(guidance, unconditional);
    if (conditions.injects() && config.unet() == null) {
      throw new OptionException(
          "--inject-attention is for models with a U-Net; " + config.name() + " has a transformer");
    }
    if (guide != null && guidance == 1) {
      throw new OptionException("--guide-model needs a --guidance other than 1");
    }
    if (guide != null && conditions.needsEmpty()) {
      throw new OptionException(
          "--identity-from and --inject-attention need the empty context, which --guide-model replaces");
    }
    if (conditions.hasParallel() && config.network().guidance() != null) {
      throw new OptionException(
          "--guidance-parallel is not for this model, which takes the guidance weight as an input");
    }
    if (guide != null && config.network().guidance() != null) {
      throw new OptionException(
          "--guide-model cannot guide this model, which takes the guidance weight as an input");
    }
  }

  /** Throws for options that a model without contexts cannot follow. */
  private void requireUnconditional() {
    if (guidance != 1 && guide == null) {
      throw new OptionException(
          "the model has no contexts, so --guidance needs --guide-model, or must be 1, not "
              + guidance);
    }
    conditions.requireUnconditional(guide != null);
  }

  /** The model that guides; null without --guide-model. */
  private ModelFile guide(ModelFile model) {
    if (guide == null) {
      return null;
    }
    ModelFile opened = ModelFile.open(guide);
    try {
      Autoguidance.check(model, opened);
      if (!conditions.hasNegative() && opened.sha256().equals(model.sha256())) {
        throw new OptionException(
            "--guide-model is the model itself: guidance away from its own predictions changes"
                + " nothing");
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private FaceSampler.Settings settings(int images) {
    return new FaceSampler.Settings(
        solver(),
        steps,
        guidance,
        conditions.times(),
        conditions.phase(),
        conditions.injects(),
        conditions.hasNegative(),
        !unconditional,
        images,
        computed,
        codes.temperature(),
        codes.topK());
  }

  /** A sampler for the calling thread. */
  FaceSampler sampler(Opened model, Device device, int images) {
    return FaceSampler.open(device, model.file(), model.guide(), model.decoder(), settings(images));
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
            MemoryPlan.sampling(device, config, computed, guided(config), most, 1).networkBytes());
  }

  /** Evaluations of the network for an image that is drawn: two a step with guidance. */
  int evaluations(Opened model) {
    return steps * (guided(model.file().config()) ? 2 : 1);
  }

  private boolean guided(ModelConfig config) {
    return config.network().guidance() == null
        && !unconditional
        && conditions.times().guides(guidance);
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
              + " needs --type bf16 or --type f32, the same for all parts: auto could choose"
              + " differently on their machines");
    }
  }
}
