package dev.fizzy.diffusion;

import java.util.Arrays;

/** Which images of a batch have left the {@link FirstPhase}. */
final class PhaseSwitch {
  private final FirstPhase phase;
  private final boolean[] identity;
  private boolean changed = true;
  private float[] before;

  PhaseSwitch(FirstPhase phase, int batch) {
    this.phase = phase;
    this.identity = new boolean[batch];
  }

  /** Before a step: whether images have another context than at the step before. */
  boolean changed(double time) {
    if (time <= phase.latest() && !over()) {
      Arrays.fill(identity, true);
      changed = true;
    }
    boolean result = changed;
    changed = false;
    return result;
  }

  /** Whether every image has its identity. */
  boolean over() {
    for (boolean own : identity) {
      if (!own) {
        return false;
      }
    }
    return true;
  }

  /** Shares of the identity and of the empty context, [B,1,2]: 1 and 0, or 0 and 1. */
  float[] shares() {
    float[] shares = new float[2 * identity.length];
    for (int i = 0; i < identity.length; i++) {
      shares[identity[i] ? 2 * i : 2 * i + 1] = 1;
    }
    return shares;
  }

  /**
   * After a step.
   *
   * @param clean latents of the batch that the step predicted
   */
  void predicted(float[] clean) {
    int latent = clean.length / identity.length;
    for (int i = 0; before != null && i < identity.length; i++) {
      double squares = 0;
      for (int k = i * latent; k < (i + 1) * latent; k++) {
        squares += ((double) clean[k] - before[k]) * ((double) clean[k] - before[k]);
      }
      if (!identity[i] && Math.sqrt(squares / latent) < phase.change()) {
        identity[i] = true;
        changed = true;
      }
    }
    before = clean;
  }
}
