package dev.fizzy.model.published;

import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelConfig.DiffusionConfig;
import dev.fizzy.model.UNetConfig;

/**
 * What the shapes of tensors do not tell: from the Hydra configuration beside the checkpoint, or
 * else from another configuration.
 *
 * @param base another configuration
 * @param hydra null where there is none
 */
record Untold(ModelConfig base, HydraConfig hydra) {
  /** Images of the published model, in pixels. */
  private static final int IMAGE = 128;

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

  private String model() {
    return hydra.get("model") != null ? "model." : "diffusion.eps_model.";
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
        hydra.integer(model() + "attention_head_channels", b.headChannels()),
        b.blocks(),
        b.contextInput(),
        b.contextChannels(),
        b.contextTokens(),
        b.learnedEmptyContext(),
        b.groups());
  }

  DiffusionConfig diffusion() {
    DiffusionConfig b = base.diffusion();
    if (hydra == null) {
      return b;
    }
    String schedule = hydra.text("diffusion.schedule_type", b.schedule());
    if (!schedule.equals("linear")) {
      throw new FileException(
          hydra.file()
              + " has the schedule "
              + schedule
              + "; of the published ones linear is read");
    }
    return new DiffusionConfig(
        hydra.integer("diffusion.T", b.steps()),
        schedule,
        b.prediction(),
        hydra.number(model() + "context_dropout_probability", b.contextDropout()),
        b.emptyContext(),
        b.latentScale());
  }
}
