package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.op.SamplerStep;
import org.junit.jupiter.api.Test;

class SamplingPlanTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);

  /** The factors of x, of the prediction and of the noise when a step is written out. */
  private static double[] written(SamplingPlan plan, int step) {
    float[] c = plan.coefficients();
    int at = step * SamplerStep.COEFFICIENTS;
    return new double[] {
      c[at + 2] + (double) c[at + 3] * c[at], (double) c[at + 3] * c[at + 1], c[at + 5]
    };
  }

  /**
   * x' = (x - beta/sqrt(1-alphaBar) eps)/sqrt(1-beta) + sqrt(beta) noise (Ho et al., algorithm 2).
   */
  @Test
  void aThousandDdpmStepsAreThePublishedOnes() {
    SamplingPlan plan = new Ddpm().plan(SCHEDULE, Prediction.EPS, 1000, 1, 0);
    for (int i = 0; i < 1000; i++) {
      int t = 999 - i;
      double beta = SCHEDULE.beta(t);
      double[] written = written(plan, i);
      assertEquals(t, plan.timesteps()[i]);
      assertEquals(1 / Math.sqrt(1 - beta), written[0], 1e-6, "x at " + t);
      assertEquals(
          -beta / (SCHEDULE.sigma(t) * Math.sqrt(1 - beta)), written[1], 1e-6, "eps at " + t);
      assertEquals(t == 0 ? 0 : Math.sqrt(beta), written[2], 1e-8, "noise at " + t);
    }
  }

  /** x' = alpha'/alpha x + (sigma' - alpha' sigma/alpha) eps (Song et al., equation 12). */
  @Test
  void ddimStepsAreThePublishedOnes() {
    SamplingPlan plan = new Ddim(0).plan(SCHEDULE, Prediction.EPS, 50, 1, 0);
    for (int i = 0; i < 50; i++) {
      int t = 1000 - 20 * i - 1;
      int next = t - 20;
      double ratio = SCHEDULE.alpha(next) / SCHEDULE.alpha(t);
      double[] written = written(plan, i);
      assertEquals(t, plan.timesteps()[i]);
      assertEquals(ratio, written[0], 1e-6 * ratio);
      assertEquals(SCHEDULE.sigma(next) - ratio * SCHEDULE.sigma(t), written[1], 1e-6 * ratio);
      assertEquals(0, written[2]);
    }
  }

  /** With eta 1 DDIM has the mean of DDPM and the posterior's deviation. */
  @Test
  void ddimWithEtaOneIsAncestral() {
    SamplingPlan ddim = new Ddim(1).plan(SCHEDULE, Prediction.V, 1000, 1, 0);
    SamplingPlan ddpm = new Ddpm().plan(SCHEDULE, Prediction.V, 1000, 1, 0);
    for (int i = 0; i < 999; i++) {
      int at = i * SamplerStep.COEFFICIENTS;
      int t = 999 - i;
      assertEquals(ddpm.coefficients()[at + 2], ddim.coefficients()[at + 2], 1e-6);
      assertEquals(ddpm.coefficients()[at + 3], ddim.coefficients()[at + 3], 1e-6);
      double posterior = SCHEDULE.sigma(t - 1) / SCHEDULE.sigma(t) * Math.sqrt(SCHEDULE.beta(t));
      assertEquals(posterior, ddim.coefficients()[at + 5], 1e-6);
    }
  }

  @Test
  void theFirstDpmSolverStepIsDdim() {
    var spacing = DpmSolverPlusPlus.Spacing.TIME;
    SamplingPlan dpm = new DpmSolverPlusPlus(spacing).plan(SCHEDULE, Prediction.V, 20, 1, 0);
    SamplingPlan ddim = new Ddim(0).plan(SCHEDULE, Prediction.V, 20, 1, 0);
    for (int i = 0; i < SamplerStep.COEFFICIENTS; i++) {
      assertEquals(ddim.coefficients()[i], dpm.coefficients()[i], 1e-6);
    }
  }

  @Test
  void oneStepGivesThePredictedImage() {
    for (Sampler s : new Sampler[] {new Ddpm(), new Ddim(0), new DpmSolverPlusPlus()}) {
      SamplingPlan plan = s.plan(SCHEDULE, Prediction.EPS, 1, 1, 0);
      assertEquals(999, plan.timesteps()[0]);
      assertEquals(0, plan.coefficients()[2]);
      assertEquals(1, plan.coefficients()[3]);
      assertEquals(0, plan.coefficients()[5]);
    }
  }

  @Test
  void stepsOutsideTheScheduleAreRefused() {
    for (int steps : new int[] {0, 1001}) {
      EngineException e =
          assertThrows(
              EngineException.class, () -> new Ddim(0).plan(SCHEDULE, Prediction.EPS, steps, 1, 0));
      assertEquals("the number of sampling steps must be in 1..1000, not " + steps, e.getMessage());
    }
  }

  @Test
  void samplersHaveNames() {
    assertEquals(new Ddpm(), Sampler.of("ddpm"));
    assertEquals(new Ddim(.5), Sampler.of("ddim:0.5"));
    assertEquals(new DpmSolverPlusPlus(), Sampler.of("dpm++"));
    assertThrows(EngineException.class, () -> Sampler.of("euler"));
    assertThrows(EngineException.class, () -> Sampler.of("ddim:much"));
  }
}
