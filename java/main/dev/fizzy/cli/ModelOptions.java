package dev.fizzy.cli;

import dev.fizzy.model.ModelNetwork;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: one network of a model file. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model or recognizer; default: the built-in model.")
  private Path model;

  @Option(
      names = "--network",
      description =
          "Network of the model: ${COMPLETION-CANDIDATES}; default: UNET, or RECOGNIZER for a"
              + " recognizer's file.")
  private ModelNetwork.Kind network;

  ModelNetwork open() {
    return ModelNetwork.open(model, network);
  }
}
