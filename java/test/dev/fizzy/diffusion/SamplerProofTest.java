package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.model.NoiseSchedule;
import org.junit.jupiter.api.Test;

/** Each sampler on a mixture of Gaussians whose best prediction is known at every time. */
class SamplerProofTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);
  private static final Mixture MIXTURE = Mixture.THREE;
  private static final int ROWS = 200;
  private static final int SAMPLES = 20_000;

  private static float[] sample(SamplingPlan plan, Prediction prediction, float[] start, int seed) {
    return SamplerRig.run(
        plan, start, ROWS, 1, seed, (t, x, p) -> MIXTURE.predict(SCHEDULE, prediction, t, x, p));
  }

  /** Mean and covariance of 20,000 samples, each within five of its own standard errors. */
  private static void assertDistribution(Sampler sampler, Prediction prediction, int steps) {
    float[] start = SamplerRig.noise(ROWS, SAMPLES / ROWS * Mixture.DIMENSIONS, 5);
    float[] x = sample(sampler.plan(SCHEDULE, prediction, steps, 1, 0), prediction, start, 6);
    for (int c = 0; c < Mixture.DIMENSIONS; c++) {
      assertMoment(sampler + " mean " + c, MIXTURE.mean(c), x, c, -1);
      for (int d = c; d < Mixture.DIMENSIONS; d++) {
        assertMoment(sampler + " covariance " + c + d, MIXTURE.covariance(c, d), x, c, d);
      }
    }
  }

  /** The sample mean of x_c, or of (x_c - mean_c)(x_d - mean_d), about the true means. */
  private static void assertMoment(String what, double expected, float[] x, int c, int d) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < x.length; i += Mixture.DIMENSIONS) {
      double value = d < 0 ? x[i + c] : (x[i + c] - MIXTURE.mean(c)) * (x[i + d] - MIXTURE.mean(d));
      sum += value;
      squares += value * value;
    }
    double mean = sum / SAMPLES;
    double error = Math.sqrt((squares / SAMPLES - mean * mean) / SAMPLES);
    assertEquals(expected, mean, 5 * error, what);
  }

  @Test
  void ddpmReachesTheDistribution() {
    assertDistribution(new Ddpm(), Prediction.EPS, 1000);
  }

  @Test
  void respacedDdpmReachesTheDistribution() {
    // sqrt(beta) is the deviation for data of variance 1; at 1/4 of the times its excess still
    // hides.
    assertDistribution(new Ddpm(), Prediction.V, 250);
  }

  @Test
  void ddimReachesTheDistribution() {
    assertDistribution(new Ddim(0), Prediction.EPS, 250);
  }

  @Test
  void stochasticDdimReachesTheDistribution() {
    assertDistribution(new Ddim(1), Prediction.V, 250);
    assertDistribution(new Ddim(.5), Prediction.EPS, 250);
  }

  @Test
  void dpmSolverReachesTheDistribution() {
    assertDistribution(new DpmSolverPlusPlus(2, Spacing.FULL), Prediction.EPS, 40);
    assertDistribution(new DpmSolverPlusPlus(3, Spacing.FULL), Prediction.EPS, 40);
    assertDistribution(new DpmSolverPlusPlus(2, Spacing.TIME), Prediction.V, 100);
  }

  @Test
  void uniPcReachesTheDistribution() {
    assertDistribution(new UniPc(2, Spacing.FULL), Prediction.EPS, 30);
    assertDistribution(new UniPc(3, Spacing.FULL), Prediction.V, 30);
  }

  /**
   * Slope of ln error over ln steps, by least squares over step counts that double; the error is
   * the root mean square against the exact flow to {@code end}.
   */
  private static double order(Sampler sampler, Prediction prediction, double end, int... steps) {
    float[] start = SamplerRig.noise(ROWS, 20, 7);
    float[] exact = MIXTURE.flow(SCHEDULE, end, start, 600);
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    for (int n : steps) {
      float[] x = sample(sampler.plan(SCHEDULE, prediction, n, 1, 0), prediction, start, 0);
      double square = 0;
      for (int i = 0; i < x.length; i++) {
        square += (x[i] - exact[i]) * (double) (x[i] - exact[i]);
      }
      double lx = Math.log(n);
      double ly = Math.log(Math.sqrt(square / x.length));
      sx += lx;
      sy += ly;
      sxx += lx * lx;
      sxy += lx * ly;
    }
    return -(steps.length * sxy - sx * sy) / (steps.length * sxx - sx * sx);
  }

  @Test
  void ddimConvergesWithOrderOne() {
    assertEquals(1, order(new Ddim(0), Prediction.V, -1, 25, 50, 100), .25);
  }

  @Test
  void dpmSolverConvergesWithOrderTwo() {
    // To time 0, and there the best x0: the last step is the same in both.
    assertEquals(
        2, order(new DpmSolverPlusPlus(2, Spacing.FULL), Prediction.V, 0, 40, 80, 160, 320), .4);
  }

  @Test
  void dpmSolverConvergesWithOrderThree() {
    assertEquals(
        3, order(new DpmSolverPlusPlus(3, Spacing.FULL), Prediction.V, 0, 20, 40, 80, 160), .5);
  }

  /** The corrector raises the order by one. */
  @Test
  void uniPcConvergesWithItsOrderAndOne() {
    assertEquals(3, order(new UniPc(2, Spacing.FULL), Prediction.V, 0, 20, 40, 80, 160), .5);
    assertEquals(4, order(new UniPc(3, Spacing.FULL), Prediction.V, 0, 20, 40, 80), .6);
  }

  @Test
  void epsAndVelocityAgree() {
    float[] start = SamplerRig.noise(ROWS, 20, 8);
    for (Sampler sampler :
        new Sampler[] {
          new Ddpm(),
          new Ddim(.3),
          new DpmSolverPlusPlus(2, Spacing.FULL),
          new DpmSolverPlusPlus(3, Spacing.FULL),
          new UniPc(2, Spacing.FULL),
          new UniPc(3, Spacing.FULL)
        }) {
      float[] eps =
          sample(sampler.plan(SCHEDULE, Prediction.EPS, 20, 1, 0), Prediction.EPS, start, 9);
      float[] v = sample(sampler.plan(SCHEDULE, Prediction.V, 20, 1, 0), Prediction.V, start, 9);
      // x0 = x/alpha - sigma/alpha eps loses 1/alpha = 157 in units of 2^-24 at the first step.
      assertArrayEquals(eps, v, 2e-3f, sampler.toString());
    }
  }

  @Test
  void deterministicSamplersDrawNothing() {
    float[] start = SamplerRig.noise(ROWS, 20, 10);
    for (Sampler sampler :
        new Sampler[] {
          new Ddim(0),
          new DpmSolverPlusPlus(2, Spacing.FULL),
          new DpmSolverPlusPlus(3, Spacing.FULL),
          new UniPc(3, Spacing.FULL)
        }) {
      SamplingPlan plan = sampler.plan(SCHEDULE, Prediction.V, 10, 1, 0);
      assertArrayEquals(sample(plan, Prediction.V, start, 1), sample(plan, Prediction.V, start, 2));
    }
  }

  /** Guided predictions u + w (c - u) of two mixtures are the predictions of that combination. */
  @Test
  void guidanceCombinesBothHalves() {
    Mixture other = new Mixture(new double[] {1}, new double[][] {{.4, .1}}, new double[] {1});
    float[] start = SamplerRig.noise(ROWS, 20, 11);
    float w = 2.5f;
    for (Sampler sampler :
        new Sampler[] {
          new Ddpm(),
          new Ddim(0),
          new DpmSolverPlusPlus(2, Spacing.FULL),
          new UniPc(2, Spacing.FULL)
        }) {
      float[] guided =
          SamplerRig.run(
              sampler.plan(SCHEDULE, Prediction.V, 15, w, 2),
              start,
              ROWS,
              2,
              3,
              (t, x, p) -> {
                MIXTURE.predict(SCHEDULE, Prediction.V, t, x, p);
                other.predict(SCHEDULE, Prediction.V, t, x, p, x.length);
              });
      float[] combined =
          SamplerRig.run(
              sampler.plan(SCHEDULE, Prediction.V, 15, 1, 2),
              start,
              ROWS,
              1,
              3,
              (t, x, p) -> {
                float[] u = new float[x.length];
                MIXTURE.predict(SCHEDULE, Prediction.V, t, x, p);
                other.predict(SCHEDULE, Prediction.V, t, x, u);
                for (int i = 0; i < p.length; i++) {
                  p[i] = u[i] + w * (p[i] - u[i]);
                }
              });
      assertArrayEquals(combined, guided, 2e-4f, sampler.toString());
      for (float v : guided) {
        assertTrue(Math.abs(v) <= 2, sampler + " passes the clamp of 2 with " + v);
      }
    }
  }
}
