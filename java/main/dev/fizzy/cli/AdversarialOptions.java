package dev.fizzy.cli;

import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.model.PatchDiscriminator;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import picocli.CommandLine.Option;

/** Mixin: the adversarial loss of the autoencoder. */
final class AdversarialOptions {
  private static final int WARM_UP = 200;
  private static final double BETA1 = .5;
  private static final double BETA2 = .9;

  @Option(
      names = "--adversarial",
      paramLabel = "W",
      description =
          "Add the loss of a patch discriminator, which makes details sharper. W multiplies the"
              + " adaptive weight, which balances its gradient with that of the other losses; LDM"
              + " has 0.75 to 1. Default: none.")
  @Range(above = 0)
  private Double weight;

  @Option(
      names = "--adversarial-from",
      paramLabel = "STEP",
      description =
          "Train without the discriminator until this step, for a network that starts from random"
              + " weights; default: 0.")
  @Range(min = 0)
  private Long from;

  @Option(
      names = "--discriminator-channels",
      paramLabel = "N",
      description = "Width of the discriminator's first layer; default: 64, as published.")
  @Range(min = 8)
  private Integer channels;

  @Option(
      names = "--discriminator-layers",
      paramLabel = "N",
      description =
          "Layers of the discriminator that halve the size; default: 3, as published, which judges"
              + " patches of 70 pixels.")
  @Range(min = 1)
  private Integer layers;

  @Option(
      names = "--discriminator-lr",
      paramLabel = "RATE",
      description = "Learning rate of the discriminator; default: 2e-4.")
  @Range(above = 0)
  private Double rate;

  /** The loss that is asked for on faces of {@code size} pixels, or null. */
  AutoencoderTask.Adversarial loss(int size) {
    if (weight == null) {
      refuse("--adversarial-from", from);
      refuse("--discriminator-channels", channels);
      refuse("--discriminator-layers", layers);
      refuse("--discriminator-lr", rate);
      return null;
    }
    PatchDiscriminator.Config published = PatchDiscriminator.Config.PUBLISHED;
    PatchDiscriminator.Config discriminator =
        new PatchDiscriminator.Config(
            channels == null ? published.channels() : channels,
            layers == null ? published.layers() : layers);
    discriminator.logits(size); // throws if the faces are too small
    return new AutoencoderTask.Adversarial(weight, from == null ? 0 : from, discriminator);
  }

  private static void refuse(String option, Object value) {
    if (value != null) {
      throw new OptionException(option + " needs the adversarial loss: give --adversarial");
    }
  }

  /** The optimizer of the autoencoder, with one of the discriminator if there is one. */
  Optimizer optimizer(Optimizer.Adam generator) {
    if (weight == null) {
      return generator;
    }
    Optimizer.Adam discriminator =
        new Optimizer.Adam(
            LearningRate.constant(rate == null ? 2e-4 : rate, WARM_UP),
            BETA1,
            BETA2,
            Ema.NONE,
            generator.clip());
    return new Optimizer.Adversarial(
        generator, discriminator, PatchDiscriminator.PREFIX, from == null ? 0 : from);
  }
}
