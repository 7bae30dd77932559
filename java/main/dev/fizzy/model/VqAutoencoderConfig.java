package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.EngineException;
import java.util.List;

/**
 * The shape of the autoencoder. The published one is LDM's {@code ffhq256} VQ-f4.
 *
 * @param imageSize height and width of the faces, in pixels
 * @param zChannels channels of the latents
 * @param codes entries of the codebook
 * @param channels width of the first level
 * @param multipliers width of each level over {@code channels}; every level but the last halves the
 *     size
 * @param blocks residual blocks per level in the encoder; one more in the decoder
 * @param groups number of groups of every group norm
 */
public record VqAutoencoderConfig(
    @JsonProperty("image_size") int imageSize,
    @JsonProperty("z_channels") int zChannels,
    int codes,
    int channels,
    List<Integer> multipliers,
    int blocks,
    int groups) {

  public VqAutoencoderConfig {
    Extent.check("image_size", imageSize, Extent.PIXELS);
    Extent.check("z_channels", zChannels, Extent.CHANNELS);
    Extent.check("codes", codes, Extent.CODES);
    Extent.check("channels", channels, Extent.CHANNELS);
    Extent.check("blocks", blocks, Extent.BLOCKS);
    Extent.check("groups", groups, Extent.CHANNELS);
    int[] widths = Extent.multiples(channels, multipliers);
    if (imageSize % (1 << (widths.length - 1)) != 0) {
      throw new EngineException(
          "images of " + imageSize + " pixels cannot be halved " + (widths.length - 1) + " times");
    }
    for (int width : widths) {
      if (width % groups != 0) {
        throw new EngineException(
            "a level of " + width + " channels does not divide into " + groups + " groups");
      }
    }
  }

  /** How many image pixels a latent pixel spans along each side. */
  public int factor() {
    return 1 << (multipliers.size() - 1);
  }

  /** The same networks, and so the same weights, for images of another size. */
  public VqAutoencoderConfig sized(int pixels) {
    return new VqAutoencoderConfig(pixels, zChannels, codes, channels, multipliers, blocks, groups);
  }

  public int latentSize() {
    return imageSize / factor();
  }
}
