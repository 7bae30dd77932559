package dev.fizzy.training;

import dev.fizzy.engine.EngineException;
import java.util.List;

/** The learning rate: a linear warm-up from highest/warmUp to highest, then a schedule. */
public sealed interface LearningRate {
  double highest();

  /** Steps of the warm-up. */
  long warmUp();

  /**
   * The rate after the warm-up.
   *
   * @param step counted from 0 at the end of the warm-up
   * @param reductions number of times that validation has stalled, see {@link Validation}
   */
  double scheduled(long step, int reductions);

  /** Number of validations without a new best before the rate is reduced. */
  default int patience() {
    return Integer.MAX_VALUE;
  }

  /** The rate of a step, counted from 0. */
  default double at(long step, int reductions) {
    return step < warmUp()
        ? highest() * (step + 1) / warmUp()
        : scheduled(step - warmUp(), reductions);
  }

  /** The rate of a step if validation has not stalled. */
  default double at(long step) {
    return at(step, 0);
  }

  static LearningRate constant(double rate, long warmUp) {
    return new Cosine(rate, 0, 0, 1, warmUp);
  }

  /**
   * Cosine with warm restarts (Loshchilov and Hutter 2017): in each period the rate falls from
   * {@code highest} to {@code lowest}; each period is {@code multiplier} times as long as the one
   * before.
   *
   * @param period steps of the first one, counted from the end of the warm-up; 0 keeps the rate
   *     constant
   */
  record Cosine(double highest, double lowest, long period, int multiplier, long warmUp)
      implements LearningRate {
    public Cosine {
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
                + " are not a valid schedule");
      }
    }

    /** The published schedule of diffusion: 1e-4, first period 10,000 steps, doubling. */
    public static Cosine published() {
      return new Cosine(1e-4, 0, 10_000, 2, 0);
    }

    @Override
    public double scheduled(long step, int reductions) {
      if (period == 0) {
        return highest;
      }
      long into = step;
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

  /**
   * The rate is multiplied by {@code factor} at each milestone.
   *
   * @param milestones steps counted from the end of the warm-up, rising
   */
  record Steps(double highest, double factor, List<Long> milestones, long warmUp)
      implements LearningRate {
    public Steps {
      milestones = List.copyOf(milestones);
      boolean rising = true;
      for (int i = 0; i < milestones.size(); i++) {
        rising &= milestones.get(i) > (i == 0 ? 0 : milestones.get(i - 1));
      }
      if (!(highest >= 0) || !(factor > 0 && factor < 1) || !rising || warmUp < 0) {
        throw new EngineException(
            "learning rate "
                + highest
                + " times "
                + factor
                + " at steps "
                + milestones
                + ", warm-up "
                + warmUp
                + " are not a valid schedule: the factor must be between 0 and 1, the steps must"
                + " rise");
      }
    }

    @Override
    public double scheduled(long step, int reductions) {
      return highest * Math.pow(factor, milestones.stream().filter(m -> m <= step).count());
    }
  }

  /**
   * The rate is multiplied by {@code factor} whenever more than {@code patience} validations in a
   * row bring no new best; it does not fall below {@code lowest}.
   */
  record Plateau(double highest, double factor, int patience, double lowest, long warmUp)
      implements LearningRate {
    public Plateau {
      if (!(highest >= lowest && lowest >= 0)
          || !(factor > 0 && factor < 1)
          || patience < 0
          || warmUp < 0) {
        throw new EngineException(
            "learning rate "
                + highest
                + " to "
                + lowest
                + " times "
                + factor
                + " after "
                + patience
                + " validations, warm-up "
                + warmUp
                + " are not a valid schedule");
      }
    }

    @Override
    public double scheduled(long step, int reductions) {
      return Math.max(lowest, highest * Math.pow(factor, reductions));
    }
  }
}
