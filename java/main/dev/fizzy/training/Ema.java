package dev.fizzy.training;

/**
 * Decay of the moving average of the weights: 1 - (1 + k/inverseGamma)^-power after k steps, at
 * most {@code largest}. It begins at 0, so that the average starts as a copy of the weights and
 * soon forgets the initial values.
 */
public record Ema(double inverseGamma, double power, double largest) {
  /** No average: a copy of the weights. */
  public static final Ema NONE = new Ema(1, 1, 0);

  /** 1 - (1+k)^-0.75, capped at .9999. */
  public static Ema published() {
    return new Ema(1, .75, .9999);
  }

  /** The decay to use in step {@code k}, counted from 0. */
  public double decay(long k) {
    return Math.min(largest, 1 - Math.pow(1 + k / inverseGamma, -power));
  }
}
