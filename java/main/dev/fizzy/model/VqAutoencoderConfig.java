package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;
import java.util.List;

/**
 * The shape of the autoencoder. The published one is LDM's {@code ffhq256} VQ-f4.
 *
 * @param imageSize height and width of the faces that the decoder draws, in pixels
 * @param encodedSize height and width to which faces are resized before they are encoded; null for
 *     imageSize. A smaller one gives smaller latents: the decoder resizes its first features.
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
    @JsonProperty(ENCODED)
        @JacksonInject(value = ENCODED, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Integer encodedSize,
    @JsonProperty("z_channels") int zChannels,
    int codes,
    int channels,
    List<Integer> multipliers,
    int blocks,
    int groups) {

  /** A key that configurations may leave out. */
  static final String ENCODED = "encoded_size";

  public VqAutoencoderConfig {
    Extent.check("image_size", imageSize, Extent.PIXELS);
    if (encodedSize != null) {
      Extent.check(ENCODED, encodedSize, imageSize);
    }
    Extent.check("z_channels", zChannels, Extent.CHANNELS);
    Extent.check("codes", codes, Extent.CODES);
    Extent.check("channels", channels, Extent.CHANNELS);
    Extent.check("blocks", blocks, Extent.BLOCKS);
    Extent.check("groups", groups, Extent.CHANNELS);
    int[] widths = Extent.multiples(channels, multipliers);
    checkHalved(imageSize, widths.length - 1);
    checkHalved(encodedSize == null ? imageSize : encodedSize, widths.length - 1);
    for (int width : widths) {
      if (width % groups != 0) {
        throw new EngineException(
            "a level of " + width + " channels does not divide into " + groups + " groups");
      }
    }
  }

  private static void checkHalved(int pixels, int times) {
    if (pixels % (1 << times) != 0) {
      throw new EngineException(
          "images of " + pixels + " pixels cannot be halved " + times + " times");
    }
  }

  /** How many encoded pixels a latent pixel spans along each side. */
  public int factor() {
    return 1 << (multipliers.size() - 1);
  }

  /** Whether the networks, and so the weights, are those of the other; sizes may differ. */
  public boolean sameNetworks(VqAutoencoderConfig other) {
    return zChannels == other.zChannels
        && codes == other.codes
        && channels == other.channels
        && multipliers.equals(other.multipliers)
        && blocks == other.blocks
        && groups == other.groups;
  }

  /** Height and width of the images that the encoder sees. */
  public int encoded() {
    return encodedSize == null ? imageSize : encodedSize;
  }

  public int latentSize() {
    return encoded() / factor();
  }

  /**
   * Height and width of the decoder's first level, which is a latent pixel where faces are encoded
   * as they are.
   */
  public int decodedSize() {
    return imageSize / factor();
  }
}
