package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: first weights of a network to train. */
class FromOption {
  @Option(
      names = "--from",
      paramLabel = "FILE|default",
      description =
          "Start from the weights of this model, or with `default` of the built-in one; default:"
              + " random weights.")
  String from;

  /**
   * Throws, before faces are read, if the model of --from does not have the weights of a network.
   *
   * @param wanted the configuration to train
   */
  void check(ModelConfig wanted, Network network) {
    if (from == null) {
      return;
    }
    try (ModelFile model = open(from)) {
      if (network == Network.UNET && !kind(model.config()).equals(kind(wanted))) {
        throw new FileException(
            "the model to start from, "
                + from
                + ", has "
                + kind(model.config())
                + ", the configuration "
                + wanted.name()
                + " "
                + kind(wanted));
      }
      model.require(Recorded.graph(wanted, network, 1, DType.F32, false).parameters());
    }
  }

  private static String kind(ModelConfig model) {
    if (model.network() == null) {
      return "no network that draws";
    }
    return model.autoregressive() != null
        ? "an autoregressive transformer"
        : model.unet() != null ? "a U-Net" : "a diffusion transformer";
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
