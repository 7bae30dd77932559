package dev.fizzy.diffusion;

import dev.fizzy.engine.Workers;

/** Draws latents in batches of a fixed size, whatever the network. */
public interface LatentDrawer extends Workers.Network<LatentDrawer> {
  int batch();

  /**
   * Draws one batch. An image depends on the seed, its identity and image number and its contexts,
   * not on the other images of the batch.
   *
   * @param contexts [batch][contextWidth]; unused rows may repeat any other
   * @param negatives the same where guidance leads away from other contexts; else not read
   * @param rows identity and image number of each image, [batch*2]
   * @return latents [batch*S*S*z], scaled as in training
   */
  float[] sample(float[][] contexts, float[][] negatives, int[] rows, long seed);
}
