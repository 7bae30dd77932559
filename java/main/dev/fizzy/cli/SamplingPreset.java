package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import dev.fizzy.model.DefaultModel;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings of quality and speed. A preset other than quality draws with the student beside the
 * model if there is one, {@code model-fast.safetensors} or {@code model-fastest.safetensors}, else
 * with the model itself in few steps; fastest takes the student of fast if it has none of its own.
 */
enum SamplingPreset {
  QUALITY("dpm++", 20),
  FAST("dpm++", 8),
  FASTEST("unipc", 5);

  /** Guidance of a model that is no student. */
  static final double GUIDANCE = 2.5;

  private static final Logger log = LoggerFactory.getLogger(SamplingPreset.class);

  /** The name of the small decoder beside a model. */
  static final String DECODER = "decoder";

  private final String sampler;
  private final int steps;

  SamplingPreset(String sampler, int steps) {
    this.sampler = sampler;
    this.steps = steps;
  }

  /** The sampler of a model that is no student. */
  String sampler() {
    return sampler;
  }

  /** The steps of a model that is no student. */
  int steps() {
    return steps;
  }

  /** The student beside a model that the preset draws with; null without one. */
  Path student(Path model) {
    Path own = this == QUALITY ? null : DefaultModel.beside(model, lower());
    return own == null && this == FASTEST ? DefaultModel.beside(model, FAST.lower()) : own;
  }

  /** The model file to draw with; null for the built-in one. */
  Path model(Path model) {
    Path student = student(model);
    if (student != null) {
      log.info("--preset {} draws with {}", lower(), student);
      return student;
    }
    if (this != QUALITY) {
      log.info("--preset {}: {} steps of {}; the model has no student", lower(), steps, sampler);
    }
    return model;
  }

  /** The small decoder that the preset draws with; null for the model's own decoder. */
  Path decoder(Path model) {
    Path small = this == FASTEST ? DefaultModel.beside(model, DECODER) : null;
    if (small != null) {
      log.info("--preset {} decodes with {}", lower(), small);
    }
    return small;
  }

  private String lower() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The small decoder beside the model; throws if there is none. */
  static Path smallDecoder(Path model) {
    Path found = DefaultModel.beside(model, DECODER);
    if (found == null) {
      throw new FileException(
          (model == null
                  ? "the built-in model has no small decoder"
                  : "there is no " + DefaultModel.nameBeside(model, DECODER) + " beside " + model)
              + ": `fizzy train decoder` trains one");
    }
    return found;
  }
}
