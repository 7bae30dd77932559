package dev.fizzy.cli;

import dev.fizzy.diffusion.Spacing;
import dev.fizzy.engine.DType;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * Mixin: sampler, steps and guidance weight; what is not given, the preset and the model choose.
 */
final class SamplerOptions {
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
              + " context. Default: 1; of a distilled model the weight that its file names, else"
              + " the middle of its range.")
  @Range
  private Double guidance;

  /** The weight, or null. */
  Double guidance() {
    return guidance;
  }

  /** Those that were given and need a diffusion model. */
  List<String> given() {
    List<String> given = new ArrayList<>();
    if (sampler != null) {
      given.add("--sampler");
    }
    if (steps != null) {
      given.add("--steps");
    }
    if (spacing != null) {
      given.add("--spacing");
    }
    return given;
  }

  /**
   * What a model is drawn with.
   *
   * @param variant chooses what neither the options nor the model do
   * @param unconditional whether the contexts are ignored
   * @param type of the activations
   * @param spaced whether --spacing is of the command line, not of the user's defaults
   */
  SamplingChoice choice(
      ModelConfig model,
      VariantOptions variant,
      boolean unconditional,
      DType type,
      boolean spaced) {
    double usual = unconditional ? 1 : variant.guidance();
    if (model.autoregressive() != null) {
      double weight = guidance == null ? usual : guidance;
      return new SamplingChoice(null, null, model.autoregressive().tokens(), weight, type);
    }
    DistilledSampling only = model.sampling();
    SamplerName named =
        sampler != null
            ? sampler
            : new SamplerName(only == null ? variant.sampler() : only.sampler());
    boolean fits = spacing == null || named.sampler().spacing() != null;
    if (!fits && spaced) {
      throw new OptionException("--spacing is for dpm++ and unipc, not " + named);
    }
    Double own = model.usualGuidance();
    return new SamplingChoice(
        named,
        fits ? spacing : null,
        steps != null ? steps : only == null ? variant.steps() : only.steps(),
        guidance != null ? guidance : own != null ? own : usual,
        type);
  }
}
