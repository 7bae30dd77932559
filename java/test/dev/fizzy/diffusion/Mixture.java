package dev.fizzy.diffusion;

import dev.fizzy.model.NoiseSchedule;

/**
 * A mixture of Gaussians with isotropic components in the plane, whose noised density, and with it
 * the best prediction at every time, is known: at x = alpha x0 + sigma noise component k has mean
 * alpha mu_k and variance alpha^2 s_k^2 + sigma^2.
 */
record Mixture(double[] weights, double[][] means, double[] deviations) {
  static final int DIMENSIONS = 2;

  static final Mixture THREE =
      new Mixture(
          new double[] {.5, .3, .2},
          new double[][] {{-1, .5}, {1.2, .8}, {.3, -1.5}},
          new double[] {.35, .5, .25});

  /** The mixture after noise. */
  final class Noised {
    private final double alpha;
    private final double sigma;
    private final double[] precisions = new double[weights.length];
    private final double[] logs = new double[weights.length];
    private final double[] terms = new double[weights.length];

    Noised(double alpha, double sigma) {
      this.alpha = alpha;
      this.sigma = sigma;
      for (int k = 0; k < weights.length; k++) {
        precisions[k] = 1 / (alpha * alpha * deviations[k] * deviations[k] + sigma * sigma);
        logs[k] = Math.log(weights[k]) + DIMENSIONS / 2. * Math.log(precisions[k]);
      }
    }

    /** E[noise | x]. */
    void eps(double x, double y, double[] out) {
      double most = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < terms.length; k++) {
        double dx = x - alpha * means[k][0];
        double dy = y - alpha * means[k][1];
        terms[k] = logs[k] - (dx * dx + dy * dy) * precisions[k] / 2;
        most = Math.max(most, terms[k]);
      }
      double sum = 0;
      out[0] = 0;
      out[1] = 0;
      for (int k = 0; k < terms.length; k++) {
        double share = Math.exp(terms[k] - most);
        sum += share;
        out[0] += share * sigma * (x - alpha * means[k][0]) * precisions[k];
        out[1] += share * sigma * (y - alpha * means[k][1]) * precisions[k];
      }
      out[0] /= sum;
      out[1] /= sum;
    }
  }

  double mean(int d) {
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      sum += weights[k] * means[k][d];
    }
    return sum;
  }

  double covariance(int c, int d) {
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      double own = c == d ? deviations[k] * deviations[k] : 0;
      sum += weights[k] * (own + (means[k][c] - mean(c)) * (means[k][d] - mean(d)));
    }
    return sum;
  }

  /** What a perfect network of this kind gives. */
  void predict(NoiseSchedule schedule, Prediction prediction, double t, float[] x, float[] out) {
    predict(schedule, prediction, t, x, out, 0);
  }

  /** As {@link #predict}, written from {@code offset} on. */
  void predict(
      NoiseSchedule schedule, Prediction prediction, double t, float[] x, float[] out, int offset) {
    double alpha = schedule.alpha(t);
    double sigma = schedule.sigma(t);
    Noised noised = new Noised(alpha, sigma);
    double[] eps = new double[DIMENSIONS];
    for (int i = 0; i < x.length; i += DIMENSIONS) {
      noised.eps(x[i], x[i + 1], eps);
      for (int d = 0; d < DIMENSIONS; d++) {
        double x0 = (x[i + d] - sigma * eps[d]) / alpha;
        double v = alpha * eps[d] - sigma * x0;
        out[offset + i + d] = (float) (prediction == Prediction.EPS ? eps[d] : v);
      }
    }
  }

  /**
   * The probability-flow ODE dz/dr = eps with z = x/alpha, r = sigma/alpha, by Runge and Kutta's
   * method of order 4 in double and steps even in r^(1/7), from time T-1 to {@code end}, and there
   * E[x0 | x].
   */
  float[] flow(NoiseSchedule schedule, double end, float[] x, int steps) {
    int last = schedule.times() - 1;
    double from = Math.pow(schedule.sigma(last) / schedule.alpha(last), 1. / 7);
    double to = Math.pow(schedule.sigma(end) / schedule.alpha(end), 1. / 7);
    double h = (to - from) / steps;
    double[] z = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      z[i] = x[i] / schedule.alpha(last);
    }
    for (int s = 0; s < steps; s++) {
      double q = from + s * h;
      double[] k1 = slopes(q, z, z, 0);
      double[] k2 = slopes(q + h / 2, z, k1, h / 2);
      double[] k3 = slopes(q + h / 2, z, k2, h / 2);
      double[] k4 = slopes(q + h, z, k3, h);
      for (int i = 0; i < z.length; i++) {
        z[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
      }
    }
    double alpha = schedule.alpha(end);
    double sigma = schedule.sigma(end);
    Noised noised = new Noised(alpha, sigma);
    double[] eps = new double[DIMENSIONS];
    float[] out = new float[x.length];
    for (int i = 0; i < x.length; i += DIMENSIONS) {
      noised.eps(z[i] * alpha, z[i + 1] * alpha, eps);
      out[i] = (float) (z[i] - sigma / alpha * eps[0]);
      out[i + 1] = (float) (z[i + 1] - sigma / alpha * eps[1]);
    }
    return out;
  }

  /** dz/dq at z + part slope, for r = q^7. */
  private double[] slopes(double q, double[] z, double[] slope, double part) {
    double base = Math.max(q, 0);
    double r = Math.pow(base, 7);
    double alpha = 1 / Math.sqrt(1 + r * r);
    Noised noised = new Noised(alpha, r * alpha);
    double[] eps = new double[DIMENSIONS];
    double[] out = new double[z.length];
    for (int i = 0; i < z.length; i += DIMENSIONS) {
      noised.eps((z[i] + part * slope[i]) * alpha, (z[i + 1] + part * slope[i + 1]) * alpha, eps);
      out[i] = eps[0] * 7 * Math.pow(base, 6);
      out[i + 1] = eps[1] * 7 * Math.pow(base, 6);
    }
    return out;
  }
}
