package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/**
 * How much signal and noise there is at each of T times, in double: x_t = alpha(t) x0 + sigma(t)
 * noise with alpha = sqrt(alphaBar), sigma = sqrt(1-alphaBar), alphaBar(t) the product of 1-beta up
 * to t (Ho et al. 2020). Times run from 0 to T-1; time -1 is the clean image. Between whole times
 * ln alpha is linear, as in Lu et al. (DPM-Solver, 2022).
 */
public final class NoiseSchedule {
  private static final double COSINE_OFFSET = .008;
  private static final double LARGEST_BETA = .999;

  private final double[] betas;
  private final double[] logAlphas; // of time t at index t+1, so that the clean image is at 0

  private NoiseSchedule(double[] betas) {
    this.betas = betas;
    this.logAlphas = new double[betas.length + 1];
    for (int t = 0; t < betas.length; t++) {
      if (!(betas[t] > 0 && betas[t] < 1)) {
        throw new EngineException("beta of time " + t + " is " + betas[t] + ", not in (0,1)");
      }
      logAlphas[t + 1] = logAlphas[t] + .5 * Math.log1p(-betas[t]);
    }
  }

  /** The published schedule of T times: beta from 1e-4 to 0.02 (Ho et al. 2020, with T = 1000). */
  public static NoiseSchedule linear(int times) {
    return linear(times, 1e-4, .02);
  }

  public static NoiseSchedule linear(int times, double first, double last) {
    double[] betas = betas(times);
    for (int t = 0; t < times; t++) {
      betas[t] = times == 1 ? first : first + (last - first) * t / (times - 1);
    }
    return new NoiseSchedule(betas);
  }

  /** alphaBar falls as a squared cosine (Nichol and Dhariwal 2021). */
  public static NoiseSchedule cosine(int times) {
    double[] betas = betas(times);
    for (int t = 0; t < times; t++) {
      double ratio = squaredCosine((t + 1.) / times) / squaredCosine((double) t / times);
      betas[t] = Math.min(1 - ratio, LARGEST_BETA);
    }
    return new NoiseSchedule(betas);
  }

  /** By the name in a configuration: {@code linear} or {@code cosine}. */
  public static NoiseSchedule of(String name, int times) {
    return switch (name) {
      case "linear" -> linear(times);
      case "cosine" -> cosine(times);
      default ->
          throw new EngineException("no noise schedule " + name + ", only linear and cosine");
    };
  }

  private static double squaredCosine(double part) {
    double c = Math.cos((part + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
    return c * c;
  }

  private static double[] betas(int times) {
    if (times < 1) {
      throw new EngineException("a noise schedule has at least one time, not " + times);
    }
    return new double[times];
  }

  /** T. */
  public int times() {
    return betas.length;
  }

  public double beta(int t) {
    return betas[t];
  }

  public double alphaBar(double t) {
    return Math.exp(2 * logAlpha(t));
  }

  public double alpha(double t) {
    return Math.exp(logAlpha(t));
  }

  public double sigma(double t) {
    return Math.sqrt(0 - Math.expm1(2 * logAlpha(t)));
  }

  /** Half the log of the signal-to-noise ratio, ln(alpha/sigma); infinite at time -1. */
  public double lambda(double t) {
    return logAlpha(t) - Math.log(sigma(t));
  }

  /** The time at which {@link #lambda} has a value between those of T-1 and 0. */
  public double timeOfLambda(double lambda) {
    double target = -.5 * Math.log1p(Math.exp(-2 * lambda));
    int low = 0;
    int high = betas.length;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (logAlphas[middle] >= target) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double part = (target - logAlphas[low]) / (logAlphas[high] - logAlphas[low]);
    return low + Math.min(1, Math.max(0, part)) - 1;
  }

  private double logAlpha(double t) {
    if (!(t >= -1 && t <= betas.length - 1)) {
      throw new EngineException("time " + t + " is not in -1.." + (betas.length - 1));
    }
    int low = Math.min((int) Math.floor(t + 1), betas.length - 1);
    double part = t + 1 - low;
    return part == 1 ? logAlphas[low + 1] : logAlphas[low] * (1 - part) + logAlphas[low + 1] * part;
  }
}
