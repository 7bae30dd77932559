package dev.fizzy.cli;

import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FrozenFeatures;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: losses on the features of a frozen network. */
final class PerceptualOptions {
  @Mixin private PresetOptions preset;

  @Option(
      names = "--perceptual",
      paramLabel = "FILE",
      description =
          "Add a perceptual loss on the features of this network: a recognizer from `fizzy train"
              + " recognizer` for faces of the same size, or an ONNX network, such as an embedder;"
              + " default: L1 loss only.")
  private Path file;

  @Option(
      names = "--perceptual-weight",
      paramLabel = "W",
      defaultValue = "0.1",
      description =
          "Weight of the perceptual loss, relative to L1; 0 leaves that of the identity;"
              + " default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  double weight;

  @Option(
      names = "--perceptual-layers",
      paramLabel = "NAME",
      split = ",",
      description =
          "Values of an ONNX network that the perceptual loss compares beside the embedding;"
              + " default: the last map of each resolution.")
  private List<String> layers = List.of();

  @Option(
      names = "--identity-weight",
      paramLabel = "W",
      defaultValue = "0",
      description =
          "Weight of 1 - cosine of the embeddings of a face and its round trip, by the network of"
              + " --perceptual; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  double identity;

  /** The network, or null. */
  FrozenFeatures open() {
    if (file == null) {
      if (identity > 0 || !layers.isEmpty()) {
        throw new OptionException(
            (identity > 0 ? "--identity-weight" : "--perceptual-layers")
                + " needs a network: name it with --perceptual");
      }
      return null;
    }
    if (weight == 0 && identity == 0) {
      throw new OptionException(
          "--perceptual has no effect with --perceptual-weight 0 and --identity-weight 0");
    }
    return preset.frozen(file, layers);
  }

  /** What a resumed run must have too. */
  String description(FrozenFeatures network) {
    if (network == null) {
      return "none";
    }
    return weight
        + (identity > 0 ? " and identity " + identity : "")
        + " of "
        + network.sha256()
        + (layers.isEmpty() ? "" : " at " + String.join(",", layers));
  }

  /** The same network as an embedder. */
  Embedder embedder(DeviceOptions device) {
    return preset.open(file, device);
  }
}
