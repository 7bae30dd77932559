package dev.fizzy.cli;

import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.SmallDecoderFile;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: a model, and which of the faster files beside it to draw with. */
final class VariantOptions {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model from `fizzy train diffusion`; default: the built-in model.")
  private Path model;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "Use fast for data sets, quality for pictures that people look at, fastest where speed"
              + " matters more than quality. quality: guidance 3, 20 steps; fast and fastest: the"
              + " distilled models beside the model (model-fast.safetensors,"
              + " model-fastest.safetensors), the latter with model-decoder.safetensors if there is"
              + " one. Default: none.")
  private SamplingPreset preset;

  @Option(
      names = "--decoder",
      paramLabel = "full|small|FILE",
      description =
          "Decoder: full, the model's own; small, model-decoder.safetensors beside the model; or a"
              + " file from `fizzy train decoder`; default: full.")
  private String decoder;

  /** Opens the model to draw with. */
  ModelFile open() {
    return DefaultModel.openOr(preset == null ? model : preset.model(model));
  }

  /** Whether the model file alone is needed. */
  boolean isModel() {
    return (preset == null || preset == SamplingPreset.QUALITY)
        && (decoder == null || decoder.equals("full"));
  }

  /** The guidance weight of a model that is no student, if none is given. */
  double guidance() {
    return preset == SamplingPreset.QUALITY ? SamplingPreset.GUIDANCE : 1;
  }

  /** The small decoder that is asked for, or null. */
  SmallDecoderFile openDecoder(ModelFile file) {
    Path path;
    if (decoder == null) {
      path = preset == null ? null : preset.decoder(model);
    } else {
      path =
          switch (decoder) {
            case "full" -> null;
            case "small" -> SamplingPreset.beside(model, SamplingPreset.DECODER, "train decoder");
            default -> Path.of(decoder);
          };
    }
    if (path == null) {
      return null;
    }
    SmallDecoderFile small = SmallDecoderFile.open(path);
    try {
      small.requireFor(file);
      return small;
    } catch (RuntimeException e) {
      small.close();
      throw e;
    }
  }
}
