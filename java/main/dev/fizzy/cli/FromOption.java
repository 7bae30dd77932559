package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.generation.Autoguidance;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mixin: first weights of a network to train; the subclasses say which models they may be of. */
abstract class FromOption {
  private static final Logger log = LoggerFactory.getLogger(FromOption.class);

  String from;

  /**
   * Throws, before faces are read, if the model of --from does not have the weights of a network.
   *
   * @param wanted the configuration to train
   * @param resumed whether the run has weights of its own, so that the file is not read
   */
  void check(ModelConfig wanted, Network network, boolean resumed) {
    if (from == null || resumed) {
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

  /**
   * Warns if the model of --from draws the latents of another encoder than the one trained with.
   *
   * @param resumed whether the run has weights of its own, so that the file is not read
   */
  void checkEncoder(ModelFile autoencoder, boolean resumed) {
    if (from == null || resumed) {
      return;
    }
    try (ModelFile model = open(from)) {
      String weights = Autoguidance.otherEncoder(autoencoder, model);
      if (weights != null) {
        log.warn(
            "the model to start from, {}, was trained on the latents of another encoder: its {}"
                + " differs from the autoencoder's; choose the same one by --autoencoder",
            from,
            weights);
      }
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
