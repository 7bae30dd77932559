package dev.fizzy.cli;

import dev.fizzy.model.ModelNetwork;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: one network of a model's file. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "A model or a recognizer; default: the model that ships.")
  private Path model;

  @Option(
      names = "--network",
      description =
          "${COMPLETION-CANDIDATES}; default: UNET, and a recognizer's file holds but one.")
  private ModelNetwork.Kind network;

  ModelNetwork open() {
    return ModelNetwork.open(model, network);
  }
}
