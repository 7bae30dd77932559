package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/** A way from noise to an image in a number of network evaluations. */
public sealed interface Sampler permits Ddpm, Ddim, DpmSolverPlusPlus {
  /**
   * @param steps network evaluations
   * @param guidance w in u + w (c - u) (Ho and Salimans 2022); 1 is the conditional prediction
   *     alone, and nothing where the network gives no unconditional half
   * @param clamp bound on the predicted image, 0 for none
   */
  SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp);

  /**
   * By the name on the command line: {@code ddpm}, {@code ddim}, {@code ddim:ETA}, {@code dpm++}.
   */
  static Sampler of(String name) {
    if (name.startsWith("ddim:")) {
      try {
        return new Ddim(Double.parseDouble(name.substring(5)));
      } catch (NumberFormatException e) {
        throw new EngineException("ddim:ETA wants a number, not " + name.substring(5), e);
      }
    }
    return switch (name) {
      case "ddpm" -> new Ddpm();
      case "ddim" -> new Ddim(0);
      case "dpm++" -> new DpmSolverPlusPlus();
      default ->
          throw new EngineException("no sampler " + name + ", only ddpm, ddim, ddim:ETA and dpm++");
    };
  }

  /**
   * Whole times spaced evenly from T-1 down, the last as far from the clean image at -1 as they are
   * from each other (`trailing` in Lin et al. 2024), so that T steps visit every time.
   */
  static int[] evenTimes(NoiseSchedule schedule, int steps) {
    int times = schedule.times();
    if (steps < 1 || steps > times) {
      throw new EngineException(
          "the number of sampling steps must be in 1.." + times + ", not " + steps);
    }
    int[] even = new int[steps];
    for (int i = 0; i < steps; i++) {
      even[i] = (int) Math.round((double) times * (steps - i) / steps) - 1;
    }
    return even;
  }
}
