package dev.fizzy.diffusion;

import dev.fizzy.engine.Later;
import dev.fizzy.engine.Workers;

/** Draws latents in batches of a fixed size, whatever the network. */
public interface LatentDrawer extends Workers.Network<LatentDrawer> {
  int batch();

  /** Must be called after the weights have changed, and not while twins draw. */
  void load();

  /**
   * Draws the latents of one batch and decodes them, on the same device. An image depends on the
   * seed, its identity and image number and its contexts, not on the other images of the batch.
   *
   * @param contexts [batch][contextWidth]; unused rows may repeat any other
   * @param negatives the same where guidance leads away from other contexts; else not read
   * @param rows identity and image number of each image, [batch*2]
   * @param decoder of latents scaled as in training
   * @return RGB pixels [batch*S*S*3]
   */
  Later<byte[]> draw(
      float[][] contexts, float[][] negatives, int[] rows, long seed, Autoencoding decoder);
}
