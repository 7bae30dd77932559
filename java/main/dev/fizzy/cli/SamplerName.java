package dev.fizzy.cli;

import dev.fizzy.diffusion.Sampler;

/** A sampler as it is named on the command line. */
record SamplerName(String text) {
  SamplerName {
    Sampler.of(text);
  }

  Sampler sampler() {
    return Sampler.of(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
