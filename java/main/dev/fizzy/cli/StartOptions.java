package dev.fizzy.cli;

import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: configuration and first weights of a network to train. */
final class StartOptions {
  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      defaultValue = "face112",
      description = "Built-in configuration or a JSON file; default: ${DEFAULT-VALUE}.")
  String config;

  @Option(
      names = "--from",
      paramLabel = "FILE|default",
      description =
          "Start from the weights of this model, or with `default` of the built-in one; default:"
              + " random weights.")
  String from;

  ModelConfig config() {
    return OptionTypes.config(config, ModelConfig.SHIPPED, ModelConfig::load);
  }

  /**
   * Initializes a network with the weights of --from, or with random ones.
   *
   * @param seed of the random ones
   */
  void fill(Parameters parameters, long seed) {
    if (from == null) {
      parameters.initialize(seed);
    } else {
      try (ModelFile model = open(from)) {
        model.fill(parameters, Region.VALUES);
      }
    }
  }

  /** Opens a model file, or with `default` the built-in one. */
  static ModelFile open(String name) {
    return DefaultModel.openOr(name.equals("default") ? null : Path.of(name));
  }
}
