package dev.fizzy.generation;

import dev.fizzy.engine.EngineException;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.List;

/**
 * Detects a model that draws the same image from different noise, which happens if the latents
 * diverge and all are quantized to one code.
 */
final class Distinct {
  private byte[] last;
  private FaceSampler.Face lastFace;

  /** Throws if an image equals the image before it, byte for byte. */
  void require(List<FaceSampler.Face> faces, List<Rgb> images) {
    for (int i = 0; i < images.size(); i++) {
      FaceSampler.Face face = faces.get(i);
      byte[] pixels = images.get(i).pixels();
      if (Arrays.equals(last, pixels)
          && (face.identity() != lastFace.identity() || face.image() != lastFace.image())) {
        throw new EngineException(
            "image "
                + face.image()
                + " of identity "
                + face.identity()
                + " is image "
                + lastFace.image()
                + " of identity "
                + lastFace.identity()
                + " to the byte: the guidance weight, the context or the model's weights are too"
                + " large, or --temperature or --top-k too small, so all images are the same");
      }
      last = pixels;
      lastFace = face;
    }
  }
}
