package dev.fizzy.generation;

import dev.fizzy.engine.EngineException;
import java.util.Arrays;

/**
 * Sees whether a model draws pictures at all: two of different noise are never the same to the
 * byte, unless the latents ran away and all snap to one code.
 */
final class Distinct {
  private byte[] last;
  private int identity;
  private int image;

  /**
   * Refuses a batch in which an image is that before it.
   *
   * @param rows identity and image number of each
   * @param pixels of all, of one length each
   * @param count images that count
   */
  void require(int[] rows, byte[] pixels, int count) {
    int bytes = pixels.length / (rows.length / 2);
    for (int i = 0; i < count; i++) {
      boolean same =
          last != null && Arrays.equals(last, 0, bytes, pixels, i * bytes, (i + 1) * bytes);
      if (same && (rows[2 * i] != identity || rows[2 * i + 1] != image)) {
        throw new EngineException(
            "image "
                + rows[2 * i + 1]
                + " of identity "
                + rows[2 * i]
                + " is image "
                + image
                + " of identity "
                + identity
                + " to the byte: the guidance weight, the context or the model's weights are too"
                + " large, and all is drawn alike");
      }
      last = Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes);
      identity = rows[2 * i];
      image = rows[2 * i + 1];
    }
  }
}
