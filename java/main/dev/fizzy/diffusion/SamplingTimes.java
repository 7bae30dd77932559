package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;

/** The times at which a sampler evaluates the network, from noise (T-1) down. */
final class SamplingTimes {
  private SamplingTimes() {}

  /** Throws if the schedule has fewer times than steps; call before allocating anything. */
  private static void checkSteps(NoiseSchedule schedule, int steps) {
    int times = schedule.times();
    if (steps < 1 || steps > times) {
      throw new EngineException(
          "the number of sampling steps must be in 1.." + times + ", not " + steps);
    }
  }

  /**
   * Integer times spaced evenly from T-1 down; the last is as far from the clean image at -1 as the
   * times are from each other (`trailing` in Lin et al. 2024), so that T steps visit every time.
   */
  static int[] even(NoiseSchedule schedule, int steps) {
    checkSteps(schedule, steps);
    int times = schedule.times();
    int[] even = new int[steps];
    for (int i = 0; i < steps; i++) {
      even[i] = (int) Math.round((double) times * (steps - i) / steps) - 1;
    }
    return even;
  }

  /**
   * Times spaced evenly in {@link NoiseSchedule#lambda}, between those of T-1 and 0. They are not
   * integers, although the network was trained on integer times.
   *
   * @param bound largest absolute value of lambda
   */
  static double[] evenInLambda(NoiseSchedule schedule, int steps, double bound) {
    checkSteps(schedule, steps);
    double[] times = new double[steps];
    int last = schedule.times() - 1;
    double first = Math.max(-bound, schedule.lambda(last));
    double end = Math.min(bound, schedule.lambda(0));
    times[0] = first == -bound ? schedule.timeOfLambda(first) : last;
    for (int i = 1; i < steps; i++) {
      times[i] = schedule.timeOfLambda(first + (end - first) * i / (steps - 1));
    }
    if (steps > 1 && end < bound) {
      times[steps - 1] = 0; // exactly
    }
    return times;
  }
}
