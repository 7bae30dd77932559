package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.op.SamplerStep;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingPlanTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);

  /** Where the factor of the noise stands in a row of coefficients. */
  private static final int NOISE = 7;

  /** The factors of x, of the prediction and of the noise when a step is written out. */
  private static double[] written(SamplingPlan plan, int step) {
    float[] c = plan.coefficients();
    int at = step * SamplerStep.COEFFICIENTS;
    return new double[] {
      c[at + 2] + (double) c[at + 3] * c[at], (double) c[at + 3] * c[at + 1], c[at + NOISE]
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

  /** What a checkpoint of T = 2000 is sampled with: its own betas, 5e-5 to .01. */
  @Test
  void ddimOfTwoThousandTimesHasTheScaledBetas() {
    double[] alphaBars = new double[2001];
    alphaBars[0] = 1;
    for (int t = 0; t < 2000; t++) {
      alphaBars[t + 1] = alphaBars[t] * (1 - (5e-5 + (.01 - 5e-5) * t / 1999));
    }
    NoiseSchedule schedule = NoiseSchedule.of("linear", 2000);
    SamplingPlan plan = new Ddim(0).plan(schedule, Prediction.EPS, 40, 1, 0);
    for (int i = 0; i < 40; i++) {
      double from = alphaBars[2000 - 50 * i];
      double to = alphaBars[2000 - 50 * (i + 1)];
      double ratio = Math.sqrt(to / from);
      double[] written = written(plan, i);
      assertEquals(ratio, written[0], 1e-6 * ratio);
      assertEquals(Math.sqrt(1 - to) - ratio * Math.sqrt(1 - from), written[1], 2e-6 * ratio);
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
      assertEquals(posterior, ddim.coefficients()[at + NOISE], 1e-6);
    }
  }

  @Test
  void theFirstDpmSolverStepIsDdim() {
    SamplingPlan dpm =
        new DpmSolverPlusPlus(2, Spacing.TIME).plan(SCHEDULE, Prediction.V, 20, 1, 0);
    SamplingPlan ddim = new Ddim(0).plan(SCHEDULE, Prediction.V, 20, 1, 0);
    for (int i = 0; i < SamplerStep.COEFFICIENTS; i++) {
      assertEquals(ddim.coefficients()[i], dpm.coefficients()[i], 1e-6);
    }
  }

  @Test
  void oneStepGivesThePredictedImage() {
    for (String form : Sampler.forms()) {
      Sampler s = Sampler.of(form.replace("ETA", "0"));
      SamplingPlan plan = s.plan(SCHEDULE, Prediction.EPS, 1, 1, 0);
      float first = s.spacing() == null ? 999 : (float) s.spacing().times(SCHEDULE, 1)[0];
      assertEquals(first, plan.timesteps()[0]);
      assertEquals(0, plan.coefficients()[2]);
      assertEquals(1, plan.coefficients()[3]);
      assertEquals(0, plan.coefficients()[NOISE]);
    }
  }

  @Test
  void stepsOutsideTheScheduleAreRefused() {
    for (String form : Sampler.forms()) {
      Sampler sampler = Sampler.of(form.replace("ETA", "0"));
      for (int steps : new int[] {0, 1001, 1_000_000_000}) {
        EngineException e =
            assertThrows(
                EngineException.class, () -> sampler.plan(SCHEDULE, Prediction.EPS, steps, 1, 0));
        assertEquals(
            "the number of sampling steps must be in 1..1000, not " + steps, e.getMessage());
      }
    }
  }

  @Test
  void samplersHaveNames() {
    assertEquals(new Ddpm(), Sampler.of("ddpm"));
    assertEquals(new Ddim(.5), Sampler.of("ddim:0.5"));
    assertEquals(new DpmSolverPlusPlus(2, Spacing.CLIPPED), Sampler.of("dpm++"));
    assertEquals(new UniPc(3, Spacing.CLIPPED), Sampler.of("unipc:3"));
    assertThrows(EngineException.class, () -> Sampler.of("euler"));
    for (String wrong : List.of("ddim:much", "ddim:2", "ddpm:1", "dpm++:4", "unipc:x", "unipc:0")) {
      assertThrows(EngineException.class, () -> Sampler.of(wrong), wrong);
    }
  }

  /**
   * The folded steps are the published predictor and corrector (UniPC, algorithms 1 and 2, B2),
   * carried out here one after the other on a scalar with an arbitrary network.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void uniPcStepsAreThePublishedOnes(int order) {
    int steps = 9;
    SamplingPlan plan = new UniPc(order, Spacing.FULL).plan(SCHEDULE, Prediction.V, steps, 1, 0);
    double[] lambda = new double[steps];
    double[] m = new double[steps];
    double x = .7; // predicted
    double s = x; // corrected
    double folded = x;
    for (int i = 0; i < steps; i++) {
      lambda[i] = SCHEDULE.lambda(plan.timesteps()[i]);
      m[i] = Math.sin(3 * x) + .2 * i;
      if (i > 0) {
        s = uniStep(lambda, m, i - 1, Math.min(order, i), s, true);
      }
      float[] c = plan.coefficients();
      int at = i * SamplerStep.COEFFICIENTS;
      double next = c[at + 2] * folded;
      for (int j = 0; j <= Math.min(3, i); j++) {
        next += c[at + 3 + j] * m[i - j];
      }
      folded = next;
      if (i + 1 < steps) {
        lambda[i + 1] = SCHEDULE.lambda(plan.timesteps()[i + 1]);
        x = uniStep(lambda, m, i, Math.min(order, i + 1), s, false);
        assertEquals(x, folded, 2e-6, "step " + i);
      }
    }
    assertEquals(m[steps - 1], folded, 1e-6);
    assertEquals(order, plan.past());
  }

  /** One step from lambda_i to lambda_(i+1), with m_(i+1) where it corrects. */
  private static double uniStep(
      double[] lambda, double[] m, int i, int order, double state, boolean correct) {
    double h = lambda[i + 1] - lambda[i];
    double b = Math.exp(-h) - 1;
    int n = correct ? order : order - 1;
    double[] r = new double[n];
    double[] difference = new double[n];
    for (int k = 0; k < n; k++) {
      int at = k == order - 1 ? i + 1 : i - k - 1;
      r[k] = (lambda[at] - lambda[i]) / h;
      difference[k] = (m[at] - m[i]) / r[k];
    }
    // Several weights integrate e^-(h (1 - u)) times a polynomial through the differences exactly:
    // each is the integral of its Lagrange polynomial, here by Simpson's rule. A single one is B/2.
    double sum = n == 1 ? -b / 2 * difference[0] : 0;
    int pieces = 2000;
    for (int q = 0; n > 1 && q <= pieces; q++) {
      double u = (double) q / pieces;
      double simpson = (q == 0 || q == pieces ? 1 : q % 2 == 1 ? 4 : 2) / (3. * pieces);
      double value = 0;
      for (int k = 0; k < n; k++) {
        double lagrange = u;
        for (int other = 0; other < n; other++) {
          if (other != k) {
            lagrange *= (u - r[other]) / (r[k] - r[other]);
          }
        }
        value += lagrange * difference[k];
      }
      sum += simpson * h * Math.exp(-h * (1 - u)) * value;
    }
    double alpha = 1 / Math.sqrt(1 + Math.exp(-2 * lambda[i + 1]));
    double kept = Math.sqrt((1 + Math.exp(2 * lambda[i])) / (1 + Math.exp(2 * lambda[i + 1])));
    return kept * state - alpha * b * m[i] + alpha * sum;
  }
}
