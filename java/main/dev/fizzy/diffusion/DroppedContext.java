package dev.fizzy.diffusion;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.model.Denoiser;
import dev.fizzy.model.DiffusionConfig;

/** The context of a training face, with what the process drops of it. */
final class DroppedContext {
  private DroppedContext() {}

  /**
   * @param identity vectors in the graph's type, [B,contextInput]
   * @param empty replaces whole contexts, [contextChannels]; null if none is replaced
   * @param rows and {@code random}: see {@link ContextDropout}
   * @return [B,contextChannels]
   */
  static Tensor of(
      Denoiser unet,
      Tensor identity,
      Tensor empty,
      DiffusionConfig process,
      Tensor rows,
      Tensor random) {
    float from = (float) process.contextDropout();
    float to = (float) process.mostContextDropout();
    float whole = (float) process.emptyContext();
    if (process.contextDropoutInput()) {
      Tensor kept = ContextDropout.of(identity, null, from, to, 0, rows, random);
      return ContextDropout.of(unet.embedContext(kept), empty, 0, whole, rows, random);
    }
    return ContextDropout.of(unet.embedContext(identity), empty, from, to, whole, rows, random);
  }
}
