package dev.fizzy.diffusion;

import dev.fizzy.engine.op.SamplerStep;

/**
 * A sampler's work, known before it begins.
 *
 * @param timesteps what the network is told at each step, from noise to image
 * @param coefficients [steps][8], the rows of {@link SamplerStep}
 */
public record SamplingPlan(float[] timesteps, float[] coefficients) {
  public int steps() {
    return timesteps.length;
  }

  /** Fills a plan step by step. */
  static final class Builder {
    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final float guidance;
    private final float clamp;
    private final float[] timesteps;
    private final float[] coefficients;
    private int step;

    Builder(NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
      this.schedule = schedule;
      this.prediction = prediction;
      this.guidance = guidance;
      this.clamp = clamp;
      this.timesteps = new float[steps];
      this.coefficients = new float[steps * SamplerStep.COEFFICIENTS];
    }

    /** The step that begins at time t and gives cx x + c0 x0 + c1 (x0 before) + cn noise. */
    void add(double t, double cx, double c0, double c1, double cn) {
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t);
      double[] row = {
        prediction.ofState(alpha, sigma),
        prediction.ofPrediction(alpha, sigma),
        cx,
        c0,
        c1,
        cn,
        guidance,
        clamp
      };
      timesteps[step] = (float) t;
      for (int i = 0; i < row.length; i++) {
        coefficients[step * row.length + i] = (float) row[i];
      }
      step++;
    }

    SamplingPlan build() {
      return new SamplingPlan(timesteps, coefficients);
    }
  }
}
