package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Broadcast;

/**
 * A network that predicts the noise (or velocity) of noisy latents, given a time and, if it is
 * conditional, a context. It only records operations. Letters: B batch, W width of the context that
 * it computes with.
 */
public interface Denoiser {
  /** Whether {@link #predict} takes a context. */
  boolean conditional();

  /** Whether there is an {@link #emptyContext()}. */
  boolean hasEmptyContext();

  /** The context that the network computes with: [B, contextWidth] to [B, W]. */
  Tensor embedContext(Tensor identity);

  /** The learned context for "no identity", [W]; null if the configuration has none. */
  Tensor emptyContext();

  /** {@link #emptyContext()} for each of {@code rows} images: [rows, W]. */
  default Tensor emptyContext(int rows) {
    return Broadcast.of(emptyContext(), rows);
  }

  /**
   * This network, with the attention maps of the second half of each batch in the first half too,
   * see {@link InjectedAttention}.
   */
  default Denoiser injected() {
    throw new EngineException("attention maps are injected into U-Nets alone");
  }

  /** Whether the network takes the guidance weight. */
  default boolean guided() {
    return false;
  }

  /**
   * Predicts the noise (or velocity).
   *
   * @param x noisy latents [B,S,S,latentChannels]
   * @param times of the images, or of all steps
   * @param context from {@link #embedContext}, [B,W]; null without conditioning
   * @return the shape of x
   */
  Tensor predict(Tensor x, Times times, Tensor context);

  /**
   * @param t timesteps f32 [B]
   */
  default Tensor predict(Tensor x, Tensor t, Tensor context) {
    return predict(x, Times.of(t), context);
  }

  /**
   * @param t timesteps f32 [B]
   * @param guidance as t; null if the network takes none
   */
  default Tensor predict(Tensor x, Tensor t, Tensor guidance, Tensor context) {
    return predict(x, new Times(t, guidance, null), context);
  }
}
