package dev.fizzy.cli;

import dev.fizzy.weights.Safetensors;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Mixin: type of the weights in the model file that a training writes. */
final class WeightsOption {
  /** Types of the weights of model files. */
  enum Type {
    F32,
    BF16,
    INT8;

    Safetensors.Type stored() {
      return this == INT8 ? Safetensors.Type.I8 : Safetensors.Type.valueOf(name());
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--weights",
      paramLabel = "TYPE",
      description =
          "Type of the weights in the model file: f32; bf16, which has half the size and 8"
              + " significant bits; or, for models that draw, int8, which has a quarter for the"
              + " matrices and filters of the denoiser, a scale for each channel, and bf16 for the"
              + " rest. Checkpoints always store f32. Default: bf16 for diffusion, f32 for"
              + " autoencoder and recognizer.")
  private Type type;

  /** The type given, or the command's default. */
  Safetensors.Type or(Type standard) {
    return (type == null ? standard : type).stored();
  }

  /** For results. */
  String name(Type standard) {
    return (type == null ? standard : type).toString();
  }

  /** Throws for int8, in trainings of networks that are stored in floats only. */
  void checkFloat() {
    if (type == Type.INT8) {
      throw new OptionException(
          "--weights int8 is for models that draw (train diffusion, distill, autoregressive); give"
              + " f32 or bf16");
    }
  }
}
