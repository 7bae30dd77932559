package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.Arrays;
import java.util.List;

/**
 * DPM-Solver++ (Lu et al. 2022), multistep, of order 2 (2M) or 3 (3M), for the probability-flow ODE
 * in lambda = ln(alpha/sigma), where m_j is the x0 predicted j steps before. With h = lambda' -
 * lambda, h_j the h of j steps before, r_j = h_j/h and phi = e^-h - 1,
 *
 * <pre>
 * order 2: D1 = (m_0 - m_1)/r_1
 *          x' = sigma'/sigma x - alpha' (phi m_0 + phi/2 D1)
 * order 3: E = (m_0 - m_1)/r_1, F = (m_1 - m_2)/r_2
 *          D1 = E + r_1/(r_1 + r_2) (E - F), D2 = 2 (E - F)/(r_1 + r_2)
 *          x' = sigma'/sigma x - alpha' (phi m_0 - (phi/h + 1) D1 + ((phi + h)/h^2 - 1/2) D2)
 * </pre>
 *
 * <p>D2 is h^2 times the second derivative of x0. Common implementations of 3M leave out its factor
 * 2 and converge with order 2.2 instead of 3 (measured by SamplerProofTest's method).
 *
 * <p>Steps without enough past predictions have a lower order; the first is DDIM. The last step,
 * from the lowest time to the clean image, where lambda is infinite, gives x0.
 *
 * @param order 2 or 3
 * @param spacing spacing of the times
 */
public record DpmSolverPlusPlus(int order, Spacing spacing) implements Sampler {
  static final Kind KIND =
      new Kind(
          "dpm++",
          List.of("dpm++", "dpm++:3"),
          order ->
              new DpmSolverPlusPlus(order == null ? 2 : Integer.parseInt(order), Spacing.CLIPPED));

  public DpmSolverPlusPlus {
    if (order != 2 && order != 3) {
      throw new EngineException("the order of dpm++ is 2 or 3, not " + order);
    }
  }

  @Override
  public DpmSolverPlusPlus spaced(Spacing other) {
    return new DpmSolverPlusPlus(order, other);
  }

  @Override
  public SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp) {
    double[] times = spacing.times(schedule, steps);
    var plan = new SamplingPlan.Builder(schedule, prediction, steps, guidance, clamp);
    double[] lambdas = Arrays.stream(times).map(schedule::lambda).toArray();
    for (int i = 0; i + 1 < steps; i++) {
      double stateFactor = schedule.sigma(times[i + 1]) / schedule.sigma(times[i]);
      double alpha = schedule.alpha(times[i + 1]);
      double[] m =
          switch (Math.min(order, i + 1)) {
            case 1 -> new double[] {-Math.expm1(lambdas[i] - lambdas[i + 1])};
            case 2 -> second(lambdas, i);
            default -> third(lambdas, i);
          };
      for (int j = 0; j < m.length; j++) {
        m[j] *= alpha;
      }
      plan.add(times[i], stateFactor, m, 0);
    }
    plan.addClean(times[steps - 1]);
    return plan.build();
  }

  /** Factors of m_0 and m_1, without alpha'. */
  private static double[] second(double[] lambdas, int i) {
    double h = lambdas[i + 1] - lambdas[i];
    double gain = -Math.expm1(-h);
    double extrapolation = h / (2 * (lambdas[i] - lambdas[i - 1]));
    return new double[] {gain * (1 + extrapolation), -gain * extrapolation};
  }

  /** Factors of m_0, m_1 and m_2, without alpha'. */
  private static double[] third(double[] lambdas, int i) {
    double h = lambdas[i + 1] - lambdas[i];
    double r1 = (lambdas[i] - lambdas[i - 1]) / h;
    double r2 = (lambdas[i - 1] - lambdas[i - 2]) / h;
    double phi = Math.expm1(-h);
    double first = phi / h + 1; // of D1
    double second = 1 - 2 * (phi + h) / (h * h); // of D2 / 2
    double e = first * (1 + r1 / (r1 + r2)) + second / (r1 + r2);
    double f = -first * r1 / (r1 + r2) - second / (r1 + r2);
    return new double[] {-phi + e / r1, -e / r1 + f / r2, -f / r2};
  }
}
