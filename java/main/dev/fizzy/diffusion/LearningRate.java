package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/**
 * Cosine with warm restarts (Loshchilov and Hutter 2017) after a linear warm-up: period by period
 * the rate falls from {@code highest} to {@code lowest}, each period {@code multiplier} times as
 * long as the one before.
 *
 * @param period steps of the first one, counted from the end of the warm-up; 0 keeps the rate
 *     constant
 * @param warmUp steps over which the rate rises from highest/warmUp to highest
 */
public record LearningRate(
    double highest, double lowest, long period, int multiplier, long warmUp) {
  public LearningRate {
    if (!(highest >= lowest && lowest >= 0) || period < 0 || multiplier < 1 || warmUp < 0) {
      throw new EngineException(
          "learning rate "
              + highest
              + " to "
              + lowest
              + ", period "
              + period
              + " times "
              + multiplier
              + ", warm-up "
              + warmUp
              + " make no schedule");
    }
  }

  /** The published schedule: 1e-4, first period 10,000 steps, doubling. */
  public static LearningRate published() {
    return new LearningRate(1e-4, 0, 10_000, 2, 0);
  }

  public static LearningRate constant(double rate, long warmUp) {
    return new LearningRate(rate, 0, 0, 1, warmUp);
  }

  /** The rate of a step, counted from 0. */
  public double at(long step) {
    if (step < warmUp) {
      return highest * (step + 1) / warmUp;
    }
    if (period == 0) {
      return highest;
    }
    long into = step - warmUp;
    long length = period;
    if (multiplier == 1) {
      into %= length;
    }
    while (into >= length) {
      into -= length;
      length *= multiplier;
    }
    return lowest + (highest - lowest) / 2 * (1 + Math.cos(Math.PI * into / length));
  }
}
