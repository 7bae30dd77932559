package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
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

  /** How many image pixels a latent pixel spans along each side. */
  public int factor() {
    return 1 << (multipliers.size() - 1);
  }

  public int latentSize() {
    return imageSize / factor();
  }
}
