package dev.fizzy.diffusion;

import dev.fizzy.model.NoiseSchedule;
import java.util.List;

/**
 * Ancestral sampling (Ho et al. 2020) with the published deviation sqrt(beta), over any number of
 * evenly spaced times (Nichol and Dhariwal 2021): with beta = 1 - alphaBar/alphaBar' between a time
 * and the next lower one,
 *
 * <pre>
 * x' = sqrt(1-beta) (1-alphaBar')/(1-alphaBar) x + sqrt(alphaBar') beta/(1-alphaBar) x0 + sqrt(beta) noise
 * </pre>
 *
 * <p>Every step except the last adds noise; the last gives x0.
 */
public record Ddpm() implements Sampler {
  static final Kind KIND =
      new Kind(
          "ddpm",
          List.of("ddpm"),
          none -> {
            Sampler.requireNone("ddpm", none);
            return new Ddpm();
          });

  @Override
  public SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
    int[] times = SamplingTimes.even(schedule, steps);
    var plan = new SamplingPlan.Builder(schedule, prediction, steps, guidance, clamp);
    for (int i = 0; i < steps; i++) {
      int next = i + 1 < steps ? times[i + 1] : -1;
      double sigma2 = square(schedule.sigma(times[i]));
      double nextSigma2 = square(schedule.sigma(next));
      double ratio = schedule.alpha(times[i]) / schedule.alpha(next); // sqrt(1-beta)
      double beta = 1 - ratio * ratio;
      plan.add(
          times[i],
          ratio * nextSigma2 / sigma2,
          new double[] {schedule.alpha(next) * beta / sigma2},
          next < 0 ? 0 : Math.sqrt(beta));
    }
    return plan.build();
  }

  private static double square(double v) {
    return v * v;
  }
}
