package dev.fizzy.cli;

import dev.fizzy.diffusion.Sampler;
import java.util.Iterator;

/** A sampler by its name on the command line. */
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

  /** All names, for help texts and shell completion. */
  static final class Forms implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Sampler.forms().iterator();
    }
  }
}
