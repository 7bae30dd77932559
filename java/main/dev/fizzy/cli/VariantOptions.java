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
      description =
          "Model from `fizzy train diffusion` or `autoregressive`; default: the built-in model.")
  private Path model;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "Use fast for data sets, fastest for the largest ones (softer), quality for pictures that"
              + " people look at. quality: 20 steps of dpm++ with guidance 2.5; fast: the model's"
              + " student, model-fast.safetensors, else 8 steps; fastest: model-fastest.safetensors,"
              + " else the student of fast, else 5 steps of unipc, each with the small decoder"
              + " model-decoder.safetensors if there is one. The built-in model has the student of"
              + " fast and a small decoder."
              + " --sampler, --steps and --guidance change a preset; a student knows only its own"
              + " sampler and steps. Default: none, which is quality without guidance.")
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

  /** Whether the model file alone is needed, or what every copy of this version has. */
  boolean isModel() {
    boolean own =
        preset == null
            || model == null
            || (preset.student(model) == null && preset.decoder(model) == null);
    return own && (decoder == null || decoder.equals("full"));
  }

  /**
   * What to say of options that the model cannot follow: that the preset chose a student, or "".
   */
  String chosen() {
    Path student = preset == null ? null : preset.student(model);
    return student == null
        ? ""
        : "; the preset draws with the student "
            + student.getFileName()
            + ": without --preset the model itself draws, for example with --steps 8 --guidance "
            + SamplingPreset.GUIDANCE;
  }

  /** Whether a preset asks for few steps. */
  boolean fewSteps() {
    return preset != null && preset != SamplingPreset.QUALITY;
  }

  /** The guidance weight of a model that is no student, if none is given. */
  double guidance() {
    return preset == null ? 1 : SamplingPreset.GUIDANCE;
  }

  /** The sampler of a model that is no student, if none is given. */
  String sampler() {
    return settings().sampler();
  }

  /** The steps of a model that is no student, if none are given. */
  int steps() {
    return settings().steps();
  }

  private SamplingPreset settings() {
    return preset == null ? SamplingPreset.QUALITY : preset;
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
            case "small" -> SamplingPreset.smallDecoder(model);
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
