package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;

/**
 * The guidance weight w at each time t of T, from pure noise at T - 1 to the image at 0:
 *
 * <pre>
 * t above identityFrom:        0, the empty context alone (the first of UIFace's two phases, ICLR 2025)
 * t outside first .. last:     1, the context alone (guidance in a limited interval, Kynkaanniemi et
 *                              al., NeurIPS 2024)
 * rising:                      1 + (W - 1) (1 - t/T)  (NegFaceDiff)
 * otherwise:                   W
 * </pre>
 *
 * @param rising whether w rises from 1 at pure noise to W at the image
 * @param parallel share of the change parallel to the predicted image that is kept, 0 to 1, see
 *     {@link dev.fizzy.engine.op.ProjectedGuidance}
 */
public record GuidanceTimes(
    int first, int last, int identityFrom, boolean rising, double parallel) {
  /** W at every time, as published. */
  public static final GuidanceTimes ALL =
      new GuidanceTimes(0, Integer.MAX_VALUE, Integer.MAX_VALUE, false, 1);

  public GuidanceTimes {
    if (first < 0 || last < first) {
      throw new EngineException(
          "guidance needs a first time of at least 0 and a last one not below it, not "
              + first
              + " and "
              + last);
    }
    if (identityFrom < 0) {
      throw new EngineException(
          "the time from which on the identity counts is at least 0, not " + identityFrom);
    }
  }

  double weight(double weight, double t, int times) {
    if (t > identityFrom) {
      return 0;
    }
    if (t < first || t > last) {
      return 1;
    }
    return rising ? 1 + (weight - 1) * (1 - t / times) : weight;
  }

  /** A plan with these weights instead of the one weight of all its steps. */
  public SamplingPlan apply(SamplingPlan plan, double weight, NoiseSchedule schedule) {
    float[] weights = new float[plan.steps()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) weight(weight, plan.timesteps()[i], schedule.times());
    }
    return plan.guided(weights, (float) parallel);
  }

  /** Whether the weight is W at every time. */
  public boolean constant() {
    return equals(new GuidanceTimes(0, ALL.last, ALL.identityFrom, false, parallel));
  }

  /** Whether any weight may be another than 1. */
  public boolean guides(double weight) {
    return weight != 1 || identityFrom != Integer.MAX_VALUE;
  }
}
