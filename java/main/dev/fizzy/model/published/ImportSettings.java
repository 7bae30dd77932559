package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.weights.StoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The settings that tensor shapes do not determine. They come from a buffer in the checkpoint, from
 * the Hydra configuration next to it, or else from a base configuration.
 *
 * @param base the base configuration
 * @param configured whether {@code base} is known to be this model's configuration: stored in the
 *     file or named by the user
 * @param hydra null if there is none
 * @param betas the checkpoint's noise schedule, null if it has none
 */
record ImportSettings(ModelConfig base, boolean configured, HydraConfig hydra, StoredTensor betas) {
  /** Images of the published model, in pixels. */
  private static final int IMAGE = 128;

  /** Supported values of {@code condition_type} in the published code. */
  private static final List<String> CONDITIONS = List.of("ca", "adagn");

  int imageSize() {
    int fallback = base.autoencoder() == null ? IMAGE : base.autoencoder().imageSize();
    int size = hydra == null ? fallback : hydra.integer("constants.image_size", fallback);
    return size > 0 ? size : fallback;
  }

  /**
   * The latent size without an autoencoder: the image size divided by the factor of the base
   * configuration.
   */
  int latentSize(int image) {
    boolean latent = hydra == null || hydra.flag("latent_diffusion", true);
    return latent ? image / base.autoencoder().factor() : image;
  }

  private String model(String field) {
    return (hydra.has("model") ? "model." : "diffusion.eps_model.") + field;
  }

  /** Throws if the model has the tensors of a supported network but computes something else. */
  void requireKnownCondition() {
    if (hydra == null || !hydra.flag(model("is_context_conditional"), true)) {
      return;
    }
    String condition = hydra.text(model("condition_type"), CONDITIONS.get(0));
    if (!CONDITIONS.contains(condition.toLowerCase(Locale.ROOT))) {
      throw new FileException(
          hydra.file()
              + " has condition_type "
              + Quoted.of(condition)
              + ", which is not supported; supported are CA and AdaGN");
    }
  }

  /** Whether the width of an attention head is known. */
  boolean hasHeadWidth() {
    return configured || hydra != null && hydra.has(model("attention_head_channels"));
  }

  UNetConfig unet() {
    UNetConfig b = base.unet();
    if (hydra == null) {
      return b;
    }
    return new UNetConfig(
        b.conditioning(),
        b.size(),
        b.latentChannels(),
        b.patch(),
        b.baseChannels(),
        b.multipliers(),
        b.attention(),
        hydra.integer(model("attention_head_channels"), b.headChannels()),
        b.blocks(),
        b.contextInput(),
        b.contextSimilarity(),
        b.contextChannels(),
        b.contextTokens(),
        b.learnedEmptyContext(),
        b.groups(),
        null);
  }

  /** The diffusion process; the buffer takes precedence over configurations. */
  DiffusionConfig diffusion() {
    DiffusionConfig expected = configuredProcess();
    return betas == null ? expected : Betas.apply(betas, expected);
  }

  /**
   * The process according to the configuration. What a Hydra configuration leaves out has the
   * default of the published code: no dropout, no scaling of the latents.
   */
  private DiffusionConfig configuredProcess() {
    DiffusionConfig b = base.diffusion();
    if (hydra == null) {
      return configured || b.latentScale() > 0 ? b : b.scaled(1);
    }
    return new DiffusionConfig(
        hydra.integer("diffusion.T", b.steps()),
        schedule(),
        "eps",
        hydra.number(model("context_dropout_probability"), 0),
        hydra.number("training.context_dropout", 0),
        1);
  }

  /** Notes for the user about differences between the buffer and the configuration. */
  List<String> overruled() {
    DiffusionConfig expected = configuredProcess();
    DiffusionConfig taken = diffusion();
    if (taken.equals(expected) || hydra == null && !configured) {
      return List.of();
    }
    return List.of(
        String.format(
            "the checkpoint's betas are those of the %s schedule of %d steps, which is used; %s"
                + " says %s of %d",
            taken.schedule(),
            taken.steps(),
            hydra == null ? "the configuration" : hydra.file(),
            expected.schedule(),
            expected.steps()));
  }

  /** Notes for the user about settings assumed to be those of the published configuration. */
  List<String> assumed(UNetConfig net) {
    List<String> assumed = new ArrayList<>();
    if (!hasHeadWidth() && net.conditioning() != Conditioning.CROSS_ATTENTION) {
      assumed.add("attention heads of " + net.headChannels() + " channels");
    }
    boolean alone = hydra == null && !configured;
    if (alone && net.conditioning() == Conditioning.ADAPTIVE_GROUP_NORM) {
      assumed.add("condition_type AdaGN (DiffAE has the same tensors)");
    }
    if (alone && betas == null) {
      DiffusionConfig b = base.diffusion();
      assumed.add("the " + b.schedule() + " schedule of " + b.steps() + " steps");
    }
    return assumed.isEmpty()
        ? List.of()
        : List.of(
            "not given by the checkpoint or a Hydra config.yaml next to it, so assumed: "
                + String.join(", ", assumed)
                + "; name other settings with --config");
  }

  private String schedule() {
    String type = hydra.text("diffusion.schedule_type", "linear").toLowerCase(Locale.ROOT);
    double k = hydra.number("diffusion.schedule_k", 1);
    double smallest = hydra.number("diffusion.schedule_beta_min", 0);
    boolean plain = type.equals("cosine") || k == 1 && smallest == 0;
    if (type.equals("linear")) {
      return type;
    }
    if (type.startsWith("cosine") && plain && hydra.has("diffusion.schedule_beta_max")) {
      return "cosine:" + hydra.number("diffusion.schedule_beta_max", 1);
    }
    throw new FileException(
        hydra.file()
            + " has the schedule "
            + Quoted.of(type)
            + " (k "
            + k
            + ", smallest beta "
            + smallest
            + "); supported are linear, and cosine with schedule_beta_max");
  }
}
