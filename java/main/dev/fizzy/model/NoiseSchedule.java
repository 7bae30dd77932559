package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.Quoted;
import java.util.Arrays;

/**
 * How much signal and noise there is at each of T times, in double: x_t = alpha(t) x0 + sigma(t)
 * noise with alpha = sqrt(alphaBar), sigma = sqrt(1-alphaBar), alphaBar(t) the product of 1-beta up
 * to t (Ho et al. 2020). Times run from 0 to T-1; time -1 is the clean image. Between whole times
 * ln alpha is linear, as in Lu et al. (DPM-Solver, 2022).
 */
public final class NoiseSchedule {
  private static final double COSINE_OFFSET = .008;
  private static final double LARGEST_BETA = .999;
  private static final double FIRST_BETA = 1e-4;
  private static final double LAST_BETA = .02;

  /** Far more than anybody trains with; a configuration that asks for more is a mistake. */
  public static final int MOST_TIMES = 100_000;

  private final double[] betas;
  private final double[] logAlphas; // of time t at index t+1, so that the clean image is at 0

  private NoiseSchedule(double[] betas) {
    this.betas = betas;
    this.logAlphas = new double[betas.length + 1];
    for (int t = 0; t < betas.length; t++) {
      if (!inside(betas[t])) {
        throw new EngineException(
            "a noise schedule of "
                + betas.length
                + " times has the beta "
                + betas[t]
                + " at time "
                + t
                + ", not in (0,1)");
      }
      logAlphas[t + 1] = logAlphas[t] + .5 * Math.log1p(-betas[t]);
    }
  }

  /**
   * The published schedule: beta rises evenly from 1e-4 to 0.02 over T = 1000 times (Ho et al.
   * 2020); over other numbers of times both are multiplied by 1000/T (IDiff-Face, as
   * improved-diffusion), so that as much noise is reached in the end.
   */
  public static NoiseSchedule linear(int times) {
    double scale = 1000. / times;
    return linear(times, scale * FIRST_BETA, scale * LAST_BETA);
  }

  /** Beta rises evenly from {@code first} to {@code last}, whatever T. */
  public static NoiseSchedule linear(int times, double first, double last) {
    double[] betas = betas(times);
    for (int t = 0; t < times; t++) {
      betas[t] = times == 1 ? first : first + (last - first) * t / (times - 1);
    }
    return new NoiseSchedule(betas);
  }

  /** AlphaBar falls as a squared cosine, beta at most .999 (Nichol and Dhariwal 2021). */
  public static NoiseSchedule cosine(int times) {
    return cosine(times, LARGEST_BETA);
  }

  /**
   * The same with another bound.
   *
   * @param largest beta; IDiff-Face's configuration has 0.1
   */
  public static NoiseSchedule cosine(int times, double largest) {
    double[] betas = betas(times);
    for (int t = 0; t < times; t++) {
      double ratio = squaredCosine((t + 1.) / times) / squaredCosine((double) t / times);
      betas[t] = Math.min(1 - ratio, largest);
    }
    return new NoiseSchedule(betas);
  }

  /**
   * By the name in a configuration: {@code linear}, {@code linear:FIRST:LAST}, {@code cosine} or
   * {@code cosine:LARGEST}.
   */
  public static NoiseSchedule of(String name, int times) {
    String[] parts = String.valueOf(name).split(":", -1);
    try {
      if (parts[0].equals("linear") && parts.length == 3) {
        return linear(times, Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
      }
      if (parts[0].equals("cosine") && parts.length == 2) {
        return cosine(times, Double.parseDouble(parts[1]));
      }
    } catch (NumberFormatException e) {
      throw unknown(name);
    }
    return switch (String.valueOf(name)) {
      case "linear" -> linear(times);
      case "cosine" -> cosine(times);
      default -> throw unknown(name);
    };
  }

  private static EngineException unknown(String name) {
    return new EngineException(
        "no noise schedule "
            + Quoted.of(name)
            + ", only linear, linear:FIRST:LAST, cosine and cosine:LARGEST");
  }

  /**
   * The name of the schedule that has these betas, for {@link #of}; null where none of the known
   * ones has them.
   *
   * @param tolerance relative, for how they were rounded
   */
  public static String nameOf(double[] betas, double tolerance) {
    int times = betas.length;
    if (times == 0 || times > MOST_TIMES || Arrays.stream(betas).anyMatch(b -> !inside(b))) {
      return null;
    }
    double largest = Arrays.stream(betas).max().getAsDouble();
    String first = Float.toString((float) betas[0]);
    String last = Float.toString((float) betas[times - 1]);
    for (String name :
        new String[] {
          "linear",
          "cosine",
          "cosine:" + Float.toString((float) largest),
          "linear:" + first + ":" + last
        }) {
      if (close(betas, name, tolerance)) {
        return name;
      }
    }
    return null;
  }

  private static boolean close(double[] betas, String name, double tolerance) {
    NoiseSchedule known;
    try {
      known = of(name, betas.length);
    } catch (EngineException e) { // a linear schedule of few times leaves (0,1)
      return false;
    }
    for (int t = 0; t < betas.length; t++) {
      if (Math.abs(known.betas[t] - betas[t]) > tolerance * known.betas[t]) {
        return false;
      }
    }
    return true;
  }

  private static boolean inside(double beta) {
    return beta > 0 && beta < 1;
  }

  private static double squaredCosine(double part) {
    double c = Math.cos((part + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
    return c * c;
  }

  private static double[] betas(int times) {
    if (times < 1 || times > MOST_TIMES) {
      throw new EngineException("a noise schedule has 1 to " + MOST_TIMES + " times, not " + times);
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
