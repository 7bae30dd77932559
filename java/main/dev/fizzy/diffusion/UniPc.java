package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;
import java.util.List;

/**
 * UniPC (Zhao et al. 2023), predicting x0, with B(h) = e^h - 1 (their B2), h the step in lambda =
 * ln(alpha/sigma). Its predictor of order p (UniP) extrapolates from the last p predictions m_0,
 * m_1, ...; its corrector (UniC) repeats the step with the prediction made at its end as well,
 * without another evaluation, and raises the order to p + 1. From a corrected state s both give
 *
 * <pre>
 * x' = sigma'/sigma s + sum_j q_j m_j                predicted
 * s' = sigma'/sigma s + sum_j r_j m_j + r_new m'     corrected, m' the prediction at x'
 * </pre>
 *
 * <p>so s' = x' + sum_j (r_j - q_j) m_j + r_new m', and the next predicted state is linear in x'
 * and predictions: a corrected state is never stored, and a step keeps p past predictions.
 *
 * <p>Steps without enough past predictions have a lower order. The last gives x0.
 *
 * @param order p of the predictor, 1 to 3
 * @param spacing spacing of the times
 */
public record UniPc(int order, Spacing spacing) implements Sampler {
  static final Kind KIND =
      new Kind(
          "unipc",
          List.of("unipc", "unipc:3"),
          order -> new UniPc(order == null ? 2 : Integer.parseInt(order), Spacing.CLIPPED));

  public UniPc {
    if (order < 1 || order > 3) {
      throw new EngineException("the order of unipc is 1, 2 or 3, not " + order);
    }
  }

  @Override
  public UniPc spaced(Spacing other) {
    return new UniPc(order, other);
  }

  @Override
  public SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
    double[] times = spacing.times(schedule, steps);
    double[] lambdas = Arrays.stream(times).map(schedule::lambda).toArray();
    var plan = new SamplingPlan.Builder(schedule, prediction, steps, guidance, clamp);
    double[] correction = {}; // s - x in terms of m_0, m_1, ... of the step that begins
    for (int i = 0; i + 1 < steps; i++) {
      double stateFactor = schedule.sigma(times[i + 1]) / schedule.sigma(times[i]);
      double alpha = schedule.alpha(times[i + 1]);
      int p = Math.min(order, i + 1);
      double[] predicted = factors(lambdas, i, p, false);
      double[] corrected = factors(lambdas, i, p, true);
      double[] m = new double[Math.max(correction.length, p)];
      for (int j = 0; j < m.length; j++) {
        m[j] = stateFactor * at(correction, j) + alpha * at(predicted, j);
      }
      plan.add(times[i], stateFactor, m, 0);
      correction = new double[p + 1];
      correction[0] = alpha * corrected[p]; // m' is the next step's m_0
      for (int j = 0; j < p; j++) {
        correction[j + 1] = alpha * (corrected[j] - predicted[j]);
      }
    }
    plan.addClean(times[steps - 1]);
    return plan.build();
  }

  private static double at(double[] factors, int j) {
    return j < factors.length ? factors[j] : 0;
  }

  /**
   * q_j / alpha', or r_j / alpha' with r_new last: rho_k solves sum_k rho_k r_k^(n-1) = n!
   * phi_(n+1) / B for n = 1, 2, ..., where r_k = (lambda_k - lambda)/h belongs to (m_k - m_0)/r_k,
   * and r = 1 to m' - m_0 (their theorem 3.1). A single rho is 1/2 as in their code, which differs
   * by O(h) and keeps the order; the solution extrapolates further and overshoots in long guided
   * steps.
   */
  private static double[] factors(double[] lambdas, int i, int p, boolean correct) {
    double h = lambdas[i + 1] - lambdas[i];
    double[] ratios = new double[correct ? p : p - 1];
    for (int k = 1; k < p; k++) {
      ratios[k - 1] = (lambdas[i - k] - lambdas[i]) / h;
    }
    if (correct) {
      ratios[p - 1] = 1;
    }
    double[] rho =
        ratios.length == 1
            ? new double[] {.5}
            : solveVandermonde(ratios, moments(-h, ratios.length));
    double b = Math.expm1(-h);
    double[] factors = new double[ratios.length + 1];
    factors[0] = -b;
    for (int k = 0; k < ratios.length; k++) {
      factors[k + 1] = -b * rho[k] / ratios[k];
      factors[0] -= factors[k + 1];
    }
    return factors;
  }

  /**
   * n! phi_(n+1)(z) / (e^z - 1) for n = 1.., phi_1 = (e^z - 1)/z, phi_(n+1) = (phi_n - 1/n!)/z,
   * times z.
   */
  private static double[] moments(double z, int count) {
    double[] moments = new double[count];
    double b = Math.expm1(z);
    double phi = b / z - 1;
    double factorial = 1;
    for (int n = 1; n <= count; n++) {
      moments[n - 1] = phi * factorial / b;
      factorial *= n + 1;
      phi = phi / z - 1 / factorial;
    }
    return moments;
  }

  /**
   * rho with sum_k rho_k ratios_k^(n-1) = moments_n, n = 1.., by elimination; at most three
   * unknowns.
   */
  private static double[] solveVandermonde(double[] ratios, double[] moments) {
    int n = ratios.length;
    double[][] a = new double[n][n];
    double[] b = moments.clone();
    for (int row = 0; row < n; row++) {
      for (int k = 0; k < n; k++) {
        a[row][k] = Math.pow(ratios[k], row);
      }
    }
    for (int pivot = 0; pivot < n; pivot++) { // the leading minors are Vandermonde: none is 0
      for (int row = pivot + 1; row < n; row++) {
        double factor = a[row][pivot] / a[pivot][pivot];
        for (int k = pivot; k < n; k++) {
          a[row][k] -= factor * a[pivot][k];
        }
        b[row] -= factor * b[pivot];
      }
    }
    for (int row = n - 1; row >= 0; row--) {
      for (int k = row + 1; k < n; k++) {
        b[row] -= a[row][k] * b[k];
      }
      b[row] /= a[row][row];
    }
    return b;
  }
}
