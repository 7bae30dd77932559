package dev.fizzy.model;

import dev.fizzy.engine.EngineException;

/**
 * How a model draws that was distilled to few steps: it knows the times of no other steps.
 *
 * @param sampler by its name on the command line
 * @param steps network evaluations
 */
public record DistilledSampling(String sampler, int steps) {
  public DistilledSampling {
    if (sampler == null || steps < 1) {
      throw new EngineException(
          "a distilled model needs a sampler and a number of steps, not " + sampler + ", " + steps);
    }
  }

  @Override
  public String toString() {
    return sampler + " in " + steps + " steps";
  }
}
