package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import dev.fizzy.model.DefaultModel;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings of quality and speed, by what a model offers. */
enum SamplingPreset {
  /** The model itself, with guidance and its own decoder. */
  QUALITY,
  /** The student beside the model, {@code model-fast.safetensors}. */
  FAST,
  /** The student {@code model-fastest.safetensors}, with the small decoder if there is one. */
  FASTEST;

  /** Guidance of a model that is no student. */
  static final double GUIDANCE = 3;

  private static final Logger log = LoggerFactory.getLogger(SamplingPreset.class);

  /** The name of the small decoder beside a model. */
  static final String DECODER = "decoder";

  /** The model file to draw with; null for the built-in one. */
  Path model(Path model) {
    if (this == QUALITY) {
      return model;
    }
    return beside(model, name().toLowerCase(Locale.ROOT), "train distill");
  }

  /** The small decoder that the preset draws with; null for the model's own decoder. */
  Path decoder(Path model) {
    Path small = this == FASTEST ? DefaultModel.beside(model, DECODER) : null;
    if (this == FASTEST) {
      log.info("--preset fastest decodes with {}", small == null ? "the model's decoder" : small);
    }
    return small;
  }

  /** A file beside the model; throws if there is none. */
  static Path beside(Path model, String what, String command) {
    Path found = DefaultModel.beside(model, what);
    if (found == null) {
      throw new FileException(
          (model == null
                  ? "the built-in model has no " + what + " version"
                  : "there is no " + DefaultModel.nameBeside(model, what) + " beside " + model)
              + ": `fizzy "
              + command
              + "` trains one");
    }
    return found;
  }
}
