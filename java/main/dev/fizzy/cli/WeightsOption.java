package dev.fizzy.cli;

import dev.fizzy.weights.Safetensors;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Mixin: type of the weights in the model file that a training writes. */
final class WeightsOption {
  /** Types of the weights of model files. */
  enum Type {
    F32,
    BF16
  }

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "Type of the weights in the model file: f32, or bf16, which has half the size and 8"
              + " significant bits. Checkpoints always store f32. Default: bf16 for diffusion, f32"
              + " for autoencoder and recognizer.")
  private Type type;

  /** The type given, or the command's default. */
  Safetensors.Type or(Type standard) {
    return Safetensors.Type.valueOf((type == null ? standard : type).name());
  }

  /** In lower case, for results. */
  String name(Type standard) {
    return or(standard).name().toLowerCase(Locale.ROOT);
  }
}
