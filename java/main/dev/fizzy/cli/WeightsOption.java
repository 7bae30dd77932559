package dev.fizzy.cli;

import dev.fizzy.weights.Safetensors;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Mixin: the type of the weights in the file that a training writes. */
final class WeightsOption {
  /** The types that model files have. */
  enum Type {
    F32,
    BF16
  }

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "Type of the weights in the file written: f32, or bf16 of half the size, rounded to 8"
              + " bits. Checkpoints keep f32 whatever --type and --weights say. Default: bf16 for"
              + " diffusion, f32 for autoencoder and recognizer.")
  private Type type;

  /** The type asked for, or the command's own. */
  Safetensors.Type or(Type standard) {
    return Safetensors.Type.valueOf((type == null ? standard : type).name());
  }

  /** In lower case, for results. */
  String name(Type standard) {
    return or(standard).name().toLowerCase(Locale.ROOT);
  }
}
