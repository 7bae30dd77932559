package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a small decoder.
 *
 * @param autoencoder whose latents it decodes
 * @param middle whether it begins with the layers of the autoencoder's own decoder at the latents'
 *     size, as they are; without them it begins with the latents
 * @param channels width of the layers at each size, from the smallest size to that of the image
 * @param blocks residual blocks at each size but that of the image, which has one
 * @param latents checksum of the autoencoder's encoder and codebook, {@link
 *     SmallDecoderFile#latents}
 */
public record SmallDecoderConfig(
    VqAutoencoderConfig autoencoder,
    boolean middle,
    List<Integer> channels,
    int blocks,
    String latents) {
  public SmallDecoderConfig {
    if (autoencoder == null || latents == null) {
      throw new EngineException("a small decoder names its autoencoder and the checksum of it");
    }
    int sizes = autoencoder.multipliers().size();
    if (channels == null
        || channels.size() != sizes
        || channels.stream().anyMatch(Objects::isNull)) {
      throw new EngineException(
          "the channels of a small decoder are a width for each of its "
              + sizes
              + " sizes, from the smallest on, not "
              + channels);
    }
    channels.forEach(width -> Extent.check("channels", width, Extent.CHANNELS));
    channels = List.copyOf(channels);
    Extent.check("blocks", blocks, Extent.BLOCKS);
  }

  /**
   * With one width for all sizes or one for each.
   *
   * @param widths one, or as many as there are sizes
   */
  public static SmallDecoderConfig of(
      VqAutoencoderConfig autoencoder,
      boolean middle,
      List<Integer> widths,
      int blocks,
      String latents) {
    int sizes = autoencoder.multipliers().size();
    List<Integer> channels =
        widths.size() == 1 ? Collections.nCopies(sizes, widths.get(0)) : widths;
    return new SmallDecoderConfig(autoencoder, middle, channels, blocks, latents);
  }

  String toJson() {
    return ConfigJson.text(this);
  }
}
