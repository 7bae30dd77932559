package dev.fizzy.diffusion;

import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;

/** How a solver spaces the times at which it evaluates the network. */
public enum Spacing {
  /**
   * Even in lambda from -4 to 4, as far as the schedule reaches. Below there is noise alone, where
   * a cosine schedule has a third of its range, and above the image alone: the prediction hardly
   * changes in both.
   */
  CLIPPED {
    @Override
    double[] times(NoiseSchedule schedule, int steps) {
      return SamplingTimes.evenInLambda(schedule, steps, BOUND);
    }
  },
  /** Even in lambda from that of time T-1 to that of time 0. */
  FULL {
    @Override
    double[] times(NoiseSchedule schedule, int steps) {
      return SamplingTimes.evenInLambda(schedule, steps, Double.POSITIVE_INFINITY);
    }
  },
  /** Even in time, with integer times, as in DDPM and DDIM. */
  TIME {
    @Override
    double[] times(NoiseSchedule schedule, int steps) {
      return Arrays.stream(SamplingTimes.even(schedule, steps)).asDoubleStream().toArray();
    }
  };

  private static final double BOUND = 4;

  /** The times from noise down. */
  abstract double[] times(NoiseSchedule schedule, int steps);
}
