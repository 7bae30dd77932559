package dev.fizzy.cli;

import dev.fizzy.model.ModelNetwork;
import dev.fizzy.model.Recorded.Network;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: one network of a model's file. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "The model; default: the one that ships.")
  private Path model;

  @Option(
      names = "--network",
      defaultValue = "UNET",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Network network;

  ModelNetwork open() {
    return ModelNetwork.open(model, network);
  }
}
