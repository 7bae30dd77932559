package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/**
 * DPM-Solver++(2M) (Lu et al. 2022): a multistep method of order 2 for the probability-flow ODE in
 * lambda = ln(alpha/sigma). With h = lambda' - lambda, r = (h before)/h,
 *
 * <pre>
 * D  = x0 + (x0 - x0 before) / (2 r)
 * x' = sigma'/sigma x - alpha' (e^-h - 1) D
 * </pre>
 *
 * <p>The first step has no history and takes D = x0. So does the last, which goes from the lowest
 * time to the clean image, where lambda is infinite: it gives x0.
 *
 * @param spacing of the times
 */
public record DpmSolverPlusPlus(Spacing spacing) implements Sampler {
  /** How times are chosen. */
  public enum Spacing {
    /**
     * Evenly in lambda, from that of T-1 to that of 0; times are fractions, the network sees what
     * it was not trained on between them.
     */
    LAMBDA,
    /** Evenly in time, whole numbers, as the other samplers. */
    TIME
  }

  public DpmSolverPlusPlus() {
    this(Spacing.LAMBDA);
  }

  @Override
  public SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
    double[] times = times(schedule, steps);
    var plan = new SamplingPlan.Builder(schedule, prediction, steps, guidance, clamp);
    double before = Double.NaN;
    for (int i = 0; i + 1 < steps; i++) {
      double h = schedule.lambda(times[i + 1]) - schedule.lambda(times[i]);
      double kept = schedule.sigma(times[i + 1]) / schedule.sigma(times[i]);
      double gain = -schedule.alpha(times[i + 1]) * Math.expm1(-h);
      double extrapolation = i == 0 ? 0 : h / (2 * before);
      plan.add(times[i], kept, gain * (1 + extrapolation), -gain * extrapolation, 0);
      before = h;
    }
    plan.add(times[steps - 1], 0, 1, 0, 0);
    return plan.build();
  }

  private double[] times(NoiseSchedule schedule, int steps) {
    if (steps < 1) {
      throw new EngineException("the number of sampling steps must be at least 1, not " + steps);
    }
    double[] times = new double[steps];
    if (spacing == Spacing.TIME) {
      int[] even = Sampler.evenTimes(schedule, steps);
      for (int i = 0; i < steps; i++) {
        times[i] = even[i];
      }
      return times;
    }
    int last = schedule.times() - 1;
    double first = schedule.lambda(last);
    double range = schedule.lambda(0) - first;
    times[0] = last;
    for (int i = 1; i < steps; i++) {
      times[i] = i == steps - 1 ? 0 : schedule.timeOfLambda(first + range * i / (steps - 1));
    }
    return times;
  }
}
