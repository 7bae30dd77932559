package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;

/**
 * How a model draws that was distilled to few steps: it knows the times of no other steps.
 *
 * @param sampler by its name on the command line
 * @param steps network evaluations
 * @param guidance weight to draw with if none is given; null for the middle of the range
 */
public record DistilledSampling(
    String sampler,
    int steps,
    @JsonProperty("guidance") @JacksonInject(value = GUIDANCE, useInput = OptBoolean.TRUE)
        Double guidance) {
  static final String GUIDANCE = "sampling.guidance";

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
