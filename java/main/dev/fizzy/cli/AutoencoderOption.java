package dev.fizzy.cli;

import dev.fizzy.model.ModelFile;
import picocli.CommandLine.Option;

/** Mixin: the autoencoder in whose latents a network is trained. */
final class AutoencoderOption {
  @Option(
      names = "--autoencoder",
      paramLabel = "FILE|default",
      defaultValue = "default",
      description =
          "Autoencoder from `fizzy train autoencoder`, of any image size, or with `default` the"
              + " built-in model's; default: ${DEFAULT-VALUE}.")
  private String autoencoder;

  ModelFile open() {
    return FromOption.open(autoencoder);
  }
}
