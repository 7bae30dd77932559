package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;

/**
 * The first of two phases of drawing, with the empty context (UIFace, ICLR 2025), which each image
 * leaves when its predicted clean latents change little from one step to the next.
 *
 * @param change root mean square of the change below which an image gets its identity, in standard
 *     deviations of the latents; 0 for never before {@code latest}
 * @param latest time at which every image gets its identity
 */
public record FirstPhase(double change, int latest) {
  public FirstPhase {
    if (!(change >= 0) || latest < 0) {
      throw new EngineException(
          "the first phase ends at a change of at least 0, or at a time of at least 0, not at "
              + change
              + " or "
              + latest);
    }
  }
}
