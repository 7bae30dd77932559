package dev.fizzy.diffusion;

/**
 * What the denoiser is trained for.
 *
 * @param times of the training faces
 * @param minSnr gamma of {@link Prediction#minSnr}, 0 for equal weights
 * @param contexts whose embedding a face is conditioned on
 * @param identity an additional loss, or null
 */
public record Objective(
    TrainingTimes times, double minSnr, ContextSource contexts, IdentityObjective identity) {
  /** The published one: uniform times, equal weights, each face's own context. */
  public static final Objective PUBLISHED =
      new Objective(new TrainingTimes.Uniform(), 0, ContextSource.SAME, null);

  /** Without the loss for identity. */
  Objective plain() {
    return new Objective(times, minSnr, contexts, null);
  }
}
