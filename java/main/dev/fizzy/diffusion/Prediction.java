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

  /** The coefficient kx in x0 = kx x + kp prediction. */
  abstract double ofState(double alpha, double sigma);

  /** The coefficient kp in x0 = kx x + kp prediction. */
  abstract double ofPrediction(double alpha, double sigma);
}
