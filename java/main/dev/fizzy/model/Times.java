package dev.fizzy.model;

import dev.fizzy.engine.Tensor;

/**
 * The times at which a network predicts: one for each image of the batch, or those of all steps of
 * a sampler and the number of the step that the whole batch is at. What depends on the times alone
 * is then computed once for all steps.
 *
 * @param t timesteps f32 [B], or [steps]
 * @param guidance {@link UNet#guidanceInput} of the weights, as t; null if the network takes none
 * @param step I32 [1], of t; null if t has the times of the images
 */
public record Times(Tensor t, Tensor guidance, Tensor step) {
  /** A time for each image, for a network that takes no guidance weight. */
  public static Times of(Tensor t) {
    return new Times(t, null, null);
  }
}
