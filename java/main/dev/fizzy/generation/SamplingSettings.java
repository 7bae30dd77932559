package dev.fizzy.generation;

import dev.fizzy.autoregression.CodeChoice;
import dev.fizzy.diffusion.FirstPhase;
import dev.fizzy.diffusion.GuidanceTimes;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.diffusion.Prediction;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SamplingPlan;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.NoiseSchedule;

/**
 * How to draw.
 *
 * @param steps network evaluations per image
 * @param guidance weight of classifier-free guidance; 1 for none
 * @param times at which guidance applies
 * @param phase in which faces are drawn with the empty context; null for none
 * @param inject whether the self-attention of faces with a context has the maps of the empty one
 * @param negative whether guidance leads away from a face's negative context, instead of the empty
 *     one
 * @param conditional false ignores the contexts
 * @param batch largest number of faces drawn at a time; does not change them
 * @param temperature of an autoregressive model, which uses neither sampler, steps nor times
 * @param topK the number of the most probable codes that an autoregressive model draws from; 0 for
 *     all
 */
public record SamplingSettings(
    Sampler sampler,
    int steps,
    double guidance,
    GuidanceTimes times,
    FirstPhase phase,
    boolean inject,
    boolean negative,
    boolean conditional,
    int batch,
    DType type,
    double temperature,
    int topK) {
  /** With the same guidance weight at all times, away from the empty context. */
  public SamplingSettings(
      Sampler sampler, int steps, double guidance, boolean conditional, int batch, DType type) {
    this(
        sampler,
        steps,
        guidance,
        GuidanceTimes.ALL,
        null,
        false,
        false,
        conditional,
        batch,
        type,
        1,
        0);
  }

  /**
   * The steps of the sampler; throws if the process has fewer times than steps, or if the model was
   * distilled to draw otherwise.
   */
  public SamplingPlan plan(ModelConfig config) {
    checkGuidance(config.denoiser().guidance());
    DistilledSampling only = config.sampling();
    if (only != null && (steps != only.steps() || !sampler.equals(Sampler.of(only.sampler())))) {
      throw new EngineException(
          "the model was distilled to draw with "
              + only
              + " and knows no others: leave out --sampler and --steps");
    }
    DiffusionConfig process = config.diffusion();
    NoiseSchedule schedule = process.noise();
    Prediction prediction = Prediction.of(process.prediction());
    SamplingPlan plan = sampler.plan(schedule, prediction, steps, (float) guidance, 0);
    return times.apply(plan, guidance, schedule);
  }

  /** Throws if the model cannot be drawn with in this way. */
  public void check(ModelConfig config) {
    if (config.autoregressive() == null) {
      plan(config);
    } else {
      choice();
    }
  }

  CodeChoice choice() {
    return new CodeChoice(guidance, temperature, topK);
  }

  private void checkGuidance(GuidanceRange range) {
    if (range == null) {
      return;
    }
    boolean empty = times.identityFrom() != Integer.MAX_VALUE || phase != null || inject;
    if (!conditional || negative || empty) {
      throw new EngineException(
          "the model takes the guidance weight as an input, so it has no empty context and no"
              + " negative ones");
    }
    boolean outside = !times.constant() && !range.contains(1);
    if (!range.contains(guidance) || outside) {
      throw new EngineException(
          "the model takes guidance weights from "
              + range
              + ", not "
              + (range.contains(guidance) ? "1, which it has where guidance is off" : guidance));
    }
  }

  /**
   * @param student whether the network takes the guidance weight as an input
   */
  LatentSampler.Conditioning conditioning(boolean student, boolean guide) {
    if (student) {
      return LatentSampler.Conditioning.CONTEXT;
    }
    if (!conditional) {
      return LatentSampler.Conditioning.EMPTY;
    }
    if (!times.guides(guidance)) {
      return LatentSampler.Conditioning.CONTEXT;
    }
    if (negative) {
      return LatentSampler.Conditioning.AWAY_FROM_NEGATIVE;
    }
    if (inject) {
      return LatentSampler.Conditioning.INJECTED;
    }
    return guide
        ? LatentSampler.Conditioning.AWAY_FROM_GUIDE
        : LatentSampler.Conditioning.AWAY_FROM_EMPTY;
  }
}
