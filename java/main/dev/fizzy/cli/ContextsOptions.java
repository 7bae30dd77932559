package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TrainingContexts;
import dev.fizzy.model.NetworkConfig;
import picocli.CommandLine.Option;

/** Mixin: the contexts that a network is trained with. */
final class ContextsOptions extends FaceContexts {
  @Option(
      names = "--unconditional",
      description =
          "Train without contexts, on pictures of any kind; the model draws images of no identity,"
              + " such as those of `fizzy contexts two-stage`.")
  boolean unconditional;

  /** The contexts of the file; null without one. Throws if the network takes others or none. */
  Contexts read(NetworkConfig network, ContextSource from) {
    if (!network.conditional() && given()) {
      throw new OptionException("a model without contexts is trained without --contexts");
    }
    if (!network.conditional() && from != ContextSource.SAME) {
      throw new OptionException("a model without contexts is trained without --context-from");
    }
    return read(network);
  }

  /**
   * The context of each face; of no width for a network without contexts.
   *
   * @param known from {@link #read}
   */
  static float[][] of(FaceSet faces, Contexts known, NetworkConfig network) {
    return network.conditional()
        ? TrainingContexts.of(faces, known, network.contextInput())
        : new float[faces.count()][0];
  }
}
