package dev.fizzy.cli;

import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: the autoencoder in whose latents a network is trained. */
final class AutoencoderOption {
  @Option(
      names = "--autoencoder",
      paramLabel = "FILE",
      description =
          "Autoencoder from `fizzy train autoencoder`, of any image size; default: the built-in"
              + " model's.")
  private Path autoencoder;

  ModelFile open() {
    return DefaultModel.openOr(autoencoder);
  }
}
