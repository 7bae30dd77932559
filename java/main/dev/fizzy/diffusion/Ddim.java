package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;

/**
 * Denoising diffusion implicit models (Song et al. 2021) over evenly spaced times: with eps = (x -
 * alpha x0)/sigma and s = eta sigma'/sigma sqrt(1 - alphaBar/alphaBar'),
 *
 * <pre>
 * x' = alpha' x0 + sqrt(sigma'^2 - s^2) eps + s noise
 * </pre>
 *
 * @param eta 0: deterministic, the probability-flow ODE to first order; 1: ancestral with the
 *     posterior deviation
 */
public record Ddim(double eta) implements Sampler {
  static final Kind KIND =
      new Kind(
          "ddim",
          List.of("ddim", "ddim:ETA"),
          eta -> new Ddim(eta == null ? 0 : Double.parseDouble(eta)));

  public Ddim {
    if (!(eta >= 0 && eta <= 1)) {
      throw new EngineException("eta must be in [0,1], not " + eta);
    }
  }

  @Override
  public SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
    int[] times = SamplingTimes.even(schedule, steps);
    var plan = new SamplingPlan.Builder(schedule, prediction, steps, guidance, clamp);
    for (int i = 0; i < steps; i++) {
      int next = i + 1 < steps ? times[i + 1] : -1;
      double alpha = schedule.alpha(times[i]);
      double sigma = schedule.sigma(times[i]);
      double nextAlpha = schedule.alpha(next);
      double nextSigma = schedule.sigma(next);
      double ratio = alpha / nextAlpha;
      double noise = eta * nextSigma / sigma * Math.sqrt(1 - ratio * ratio);
      double direction = Math.sqrt(Math.max(0, nextSigma * nextSigma - noise * noise)) / sigma;
      plan.add(times[i], direction, new double[] {nextAlpha - direction * alpha}, noise);
    }
    return plan.build();
  }
}
