package dev.fizzy.cli;

import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SimilarityCondition;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.generation.Calibration;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "calibrate",
    description = {
      "Prepares a model to draw with --type int8: draws images in bf16 and writes the model with"
          + " how far the inputs of each layer of its U-Net reached. Weights stay as they are.",
      "A model that was distilled draws as it knows, any other in 20 steps with guidance 2.5."
    },
    footer = {
      "",
      "Example:",
      "  fizzy contexts gaussian --count 32 --seed 7 --out c.npy",
      "  fizzy model calibrate --contexts c.npy --out calibrated.safetensors",
      "  fizzy generate --model calibrated.safetensors --type int8 --contexts c.npy --images 8"
          + " --out faces/"
    })
final class ModelCalibrateCommand implements Callable<Integer> {
  private static final int BATCH = 8;
  private static final double USUAL_SIMILARITY = .5;

  @Mixin private DerivedModel models;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description =
          "Identities to draw, other than those of the data sets to come; models without contexts"
              + " take none.")
  private Path contexts;

  @Option(
      names = "--images",
      defaultValue = "32",
      description =
          "Images to draw, of the identities in turn; rounded up to batches of "
              + BATCH
              + "; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = 1_000_000)
  private int images;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions devices;

  @Override
  public Integer call() {
    int layers;
    try (ModelFile file = models.open()) {
      ModelConfig config = file.config();
      Calibration.requireUnet(config);
      ModelWeights.check(file);
      float[][] drawn = contexts(config);
      try (Device device = devices.open()) {
        Map<String, float[]> reaches =
            Calibration.reaches(device, file, settings(config), drawn, seed);
        layers = reaches.size();
        file.writeWith(models.out(), reaches);
      }
    }
    models.printModel(Map.of("layers", layers), "; " + layers + " layers compute in int8");
    return 0;
  }

  /** With guidance as `fizzy generate` applies it. */
  static SamplingSettings settings(ModelConfig config) {
    DistilledSampling only = config.sampling();
    SamplingPreset usual = SamplingPreset.QUALITY;
    boolean conditional = config.denoiser().conditional();
    Double own = config.usualGuidance();
    return new SamplingSettings(
        Sampler.of(only == null ? usual.sampler() : only.sampler()),
        only == null ? usual.steps() : only.steps(),
        own != null ? own : conditional ? SamplingPreset.GUIDANCE : 1,
        new GuidanceOptions().times(),
        null,
        false,
        false,
        conditional,
        BATCH,
        DType.BF16,
        1,
        0);
  }

  /** A context for each image. */
  private float[][] contexts(ModelConfig config) {
    int batches = (images + BATCH - 1) / BATCH;
    float[][] all = new float[batches * BATCH][config.denoiser().contextWidth()];
    if (!config.denoiser().conditional()) {
      if (contexts != null) {
        throw new OptionException("a model without contexts is calibrated without --contexts");
      }
      return all;
    }
    if (contexts == null) {
      throw new OptionException("--contexts FILE is required: the identities to draw");
    }
    Contexts given = Contexts.read(contexts);
    given.requireWidth(config.denoiser().contextInput());
    for (int i = 0; i < all.length; i++) {
      all[i] = with(config, given.vector(i % given.size()));
    }
    return all;
  }

  /** With a usual similarity, if the network takes one. */
  private static float[] with(ModelConfig config, float[] context) {
    return config.denoiser().contextSimilarity()
        ? SimilarityCondition.with(context, USUAL_SIMILARITY)
        : context;
  }
}
