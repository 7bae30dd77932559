package dev.fizzy.cli;

import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.Spacing;
import dev.fizzy.engine.DType;
import java.util.Locale;
import java.util.Map;

/**
 * What a model is drawn with.
 *
 * @param named null for an autoregressive model
 * @param spacing of the sampler's times; null for the sampler's own
 * @param steps evaluations for each image, or codes of an autoregressive model
 * @param guidance weight, 1 for none
 * @param type of the activations
 */
record SamplingChoice(SamplerName named, Spacing spacing, int steps, double guidance, DType type) {
  /** For the manifest of a data set. */
  String samplerName() {
    return named == null ? CodeOptions.SAMPLER : named.text();
  }

  /** The sampler with its spacing; null for an autoregressive model. */
  Sampler sampler() {
    Sampler usual = named == null ? null : named.sampler();
    return spacing == null ? usual : usual.spaced(spacing);
  }

  /** Adds what the sampler's name does not tell to the settings of a data set. */
  void addTo(Map<String, Object> settings) {
    Sampler sampler = sampler();
    if (sampler != null && sampler.spacing() != null && sampler.spacing() != Spacing.FULL) {
      settings.put("spacing", sampler.spacing().name().toLowerCase(Locale.ROOT));
    }
  }
}
