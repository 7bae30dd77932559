package dev.fizzy.diffusion;

import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;

/**
 * All coefficients of a sampling run, computed before it starts.
 *
 * @param timesteps time given to the network at each step, from noise to image
 * @param coefficients [steps][10], the rows of {@link SamplerStep}
 * @param past number of past predictions that the steps use, 0 to {@link SamplerStep#MAX_PAST}
 * @param parallel share of guidance's change parallel to the predicted image, see {@link
 *     dev.fizzy.engine.op.ProjectedGuidance}; 1 for guidance as published
 */
public record SamplingPlan(float[] timesteps, float[] coefficients, int past, float parallel) {
  public int steps() {
    return timesteps.length;
  }

  /** The guidance weight of a step. */
  float guidance(int step) {
    return coefficients[step * SamplerStep.COEFFICIENTS + SamplerStep.GUIDANCE];
  }

  /**
   * The clean latents that a step predicts, kx x + kp p.
   *
   * @param x before the step
   * @param prediction of the network, which may be longer than x
   */
  float[] clean(int step, float[] x, float[] prediction) {
    float ofState = coefficients[step * SamplerStep.COEFFICIENTS];
    float ofPrediction = coefficients[step * SamplerStep.COEFFICIENTS + 1];
    float[] clean = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      clean[i] = ofState * x[i] + ofPrediction * prediction[i];
    }
    return clean;
  }

  /**
   * The same steps with a guidance weight each.
   *
   * @param parallel share of its change parallel to the predicted image
   */
  SamplingPlan guided(float[] weights, float parallel) {
    float[] changed = coefficients.clone();
    for (int i = 0; i < weights.length; i++) {
      changed[i * SamplerStep.COEFFICIENTS + SamplerStep.GUIDANCE] = weights[i];
    }
    return new SamplingPlan(timesteps, changed, past, parallel);
  }

  /** Builds a plan step by step. */
  static final class Builder {
    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final float guidance;
    private final float clamp;
    private final float[] timesteps;
    private final float[] coefficients;
    private int step;
    private int past;

    Builder(NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
      this.schedule = schedule;
      this.prediction = prediction;
      this.guidance = guidance;
      this.clamp = clamp;
      this.timesteps = new float[steps];
      this.coefficients = new float[steps * SamplerStep.COEFFICIENTS];
    }

    /**
     * Adds the step from time t with the result cx x + sum_j m[j] m_j + cn noise, where m_j is the
     * x0 predicted j steps before.
     */
    void add(double t, double cx, double[] m, double cn) {
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t);
      double[] all = Arrays.copyOf(m, 1 + SamplerStep.MAX_PAST);
      double[] row = {
        prediction.ofState(alpha, sigma),
        prediction.ofPrediction(alpha, sigma),
        cx,
        all[0],
        all[1],
        all[2],
        all[3],
        cn,
        guidance,
        clamp
      };
      past = Math.max(past, m.length - 1);
      timesteps[step] = (float) t;
      for (int i = 0; i < row.length; i++) {
        coefficients[step * row.length + i] = (float) row[i];
      }
      step++;
    }

    /** Adds the last step, from time t to the clean image: x0. */
    void addClean(double t) {
      add(t, 0, new double[] {1}, 0);
    }

    SamplingPlan build() {
      return new SamplingPlan(timesteps, coefficients, past, 1);
    }
  }
}
