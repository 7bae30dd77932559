package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/** What the network predicts for x_t = alpha x0 + sigma noise. */
public enum Prediction {
  /** The noise (Ho et al. 2020): x0 = x/alpha - sigma/alpha eps. */
  EPS {
    @Override
    double ofState(double alpha, double sigma) {
      return 1 / alpha;
    }

    @Override
    double ofPrediction(double alpha, double sigma) {
      return -sigma / alpha;
    }
  },
  /** The velocity alpha noise - sigma x0 (Salimans and Ho 2022): x0 = alpha x - sigma v. */
  V {
    @Override
    double ofState(double alpha, double sigma) {
      return alpha;
    }

    @Override
    double ofPrediction(double alpha, double sigma) {
      return -sigma;
    }
  };

  /** Parses the name in a configuration: {@code eps} or {@code v}. */
  public static Prediction of(String name) {
    for (Prediction prediction : values()) {
      if (prediction.name().equalsIgnoreCase(name)) {
        return prediction;
      }
    }
    throw new EngineException("no prediction " + name + ", only eps and v");
  }

  /**
   * The weight of a squared error by the min-SNR strategy (Hang et al. 2023), which balances times
   * of little noise against the others: min(SNR, gamma) for the error of x0, so min(SNR, gamma)/SNR
   * for that of the noise and min(SNR, gamma)/(SNR + 1) for that of the velocity.
   *
   * @param gamma above 0; 5 as published
   */
  double minSnr(double alpha, double sigma, double gamma) {
    double snr = alpha * alpha / (sigma * sigma);
    return Math.min(snr, gamma) * squaredErrorOfX0(alpha, sigma);
  }

  /** (x0 error)^2 / (prediction error)^2 = kp^2. */
  private double squaredErrorOfX0(double alpha, double sigma) {
    double kp = ofPrediction(alpha, sigma);
    return kp * kp;
  }

  /** The coefficient kx in x0 = kx x + kp prediction. */
  abstract double ofState(double alpha, double sigma);

  /** The coefficient kp in x0 = kx x + kp prediction. */
  abstract double ofPrediction(double alpha, double sigma);
}
