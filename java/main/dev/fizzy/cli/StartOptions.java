package dev.fizzy.cli;

import dev.fizzy.model.ModelConfig;
import picocli.CommandLine.Option;

/** Mixin: configuration and first weights of a network to train. */
final class StartOptions extends FromOption {
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
  void from(String from) {
    this.from = from;
  }

  ModelConfig config() {
    return OptionTypes.config(config, ModelConfig.SHIPPED, ModelConfig::load);
  }
}
