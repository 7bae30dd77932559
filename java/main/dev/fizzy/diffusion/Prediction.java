package dev.fizzy.diffusion;

/** What the network is trained to give for x_t = alpha x0 + sigma noise. */
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

  /** kx in x0 = kx x + kp prediction. */
  abstract double ofState(double alpha, double sigma);

  /** kp in x0 = kx x + kp prediction. */
  abstract double ofPrediction(double alpha, double sigma);
}
