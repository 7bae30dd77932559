package dev.fizzy.cli;

import dev.fizzy.identity.Contexts;
import dev.fizzy.model.NetworkConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: the context of each face of a training. */
class FaceContexts {
  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "Context of each face, from `fizzy embed` on the same folder.")
  private Path contexts;

  boolean given() {
    return contexts != null;
  }

  /** The contexts of the file; null without one. Throws if the network takes others. */
  Contexts read(NetworkConfig network) {
    if (contexts == null) {
      return null;
    }
    Contexts known = Contexts.read(contexts);
    known.requireWidth(network.contextInput());
    return known;
  }
}
