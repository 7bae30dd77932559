package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelConfig.DiffusionConfig;
import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.weights.StoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the shapes of tensors do not tell: from a buffer in the checkpoint, from the Hydra
 * configuration beside it, or else from another configuration.
 *
 * @param base another configuration
 * @param meant whether the other configuration is this model's: its own, or one that the user names
 * @param hydra null where there is none
 * @param betas the checkpoint's noise schedule, null where it carries none
 */
record Untold(ModelConfig base, boolean meant, HydraConfig hydra, StoredTensor betas) {
  /** Images of the published model, in pixels. */
  private static final int IMAGE = 128;

  /** How a context may enter, as the published code calls what is computed here. */
  private static final List<String> CONDITIONS = List.of("ca", "adagn");

  int imageSize() {
    int fallback = base.autoencoder() == null ? IMAGE : base.autoencoder().imageSize();
    int size = hydra == null ? fallback : hydra.integer("constants.image_size", fallback);
    return size > 0 ? size : fallback;
  }

  /** Where there is no autoencoder: as the other configuration's divides the image. */
  int latentSize(int image) {
    boolean latent = hydra == null || hydra.flag("latent_diffusion", true);
    return latent ? image / base.autoencoder().factor() : image;
  }

  private String model(String field) {
    return (hydra.has("model") ? "model." : "diffusion.eps_model.") + field;
  }

  /** Refuses a model whose tensors look like another's that is computed otherwise. */
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
              + ", which is not computed; CA and AdaGN are");
    }
  }

  /** Whether something says how wide an attention head is. */
  boolean tellsHeads() {
    return meant || hydra != null && hydra.has(model("attention_head_channels"));
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
        b.baseChannels(),
        b.multipliers(),
        b.attention(),
        hydra.integer(model("attention_head_channels"), b.headChannels()),
        b.blocks(),
        b.contextInput(),
        b.contextChannels(),
        b.contextTokens(),
        b.learnedEmptyContext(),
        b.groups());
  }

  /** The diffusion process: the buffer knows its schedule better than any file beside it. */
  DiffusionConfig diffusion() {
    DiffusionConfig beside = processBeside();
    return betas == null ? beside : Betas.believe(betas, beside);
  }

  /**
   * The process without the buffer. What a Hydra configuration leaves out is as the published code
   * has it: no dropout, no scale of the latents.
   */
  private DiffusionConfig processBeside() {
    DiffusionConfig b = base.diffusion();
    if (hydra == null) {
      return meant || b.latentScale() > 0 ? b : b.scaled(1);
    }
    return new DiffusionConfig(
        hydra.integer("diffusion.T", b.steps()),
        schedule(),
        "eps",
        hydra.number(model("context_dropout_probability"), 0),
        hydra.number("training.context_dropout", 0),
        1);
  }

  /** What a user should know where the buffer and a file beside it differ. */
  List<String> overruled() {
    DiffusionConfig beside = processBeside();
    DiffusionConfig taken = diffusion();
    if (taken.equals(beside) || hydra == null && !meant) {
      return List.of();
    }
    return List.of(
        String.format(
            "the checkpoint's betas are those of the %s schedule of %d steps, which is taken;"
                + " %s says %s of %d",
            taken.schedule(),
            taken.steps(),
            hydra == null ? "the configuration" : hydra.file(),
            beside.schedule(),
            beside.steps()));
  }

  /** What nothing tells and is taken to be as in the published configuration. */
  List<String> assumed(UNetConfig net) {
    List<String> assumed = new ArrayList<>();
    if (!tellsHeads() && net.conditioning() != Conditioning.CROSS_ATTENTION) {
      assumed.add("attention heads of " + net.headChannels() + " channels");
    }
    boolean alone = hydra == null && !meant;
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
            "neither the checkpoint nor a Hydra config.yaml beside it tells, so taken are: "
                + String.join(", ", assumed)
                + "; --config tells others");
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
            + "); linear, and cosine with schedule_beta_max, are read");
  }
}
