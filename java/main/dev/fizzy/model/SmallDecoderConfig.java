package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;

/**
 * The shape of a small decoder.
 *
 * @param zChannels channels of the latents
 * @param codes entries of the codebook
 * @param upsamplings times that the size is doubled
 * @param firstSize size to which latents are resized first; null to leave them as they are
 * @param channels width of every layer
 * @param blocks residual blocks at each size but that of the image, which has one
 * @param autoencoder checksum of the encoder and codebook whose latents it decodes, {@link
 *     SmallDecoderFile#latents}
 */
public record SmallDecoderConfig(
    @JsonProperty("z_channels") int zChannels,
    int codes,
    int upsamplings,
    @JsonProperty(FIRST)
        @JacksonInject(value = FIRST, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Integer firstSize,
    int channels,
    int blocks,
    String autoencoder) {
  /** A key that configurations may leave out. */
  static final String FIRST = "first_size";

  private static final int MOST_UPSAMPLINGS = 6;

  public SmallDecoderConfig {
    Extent.check("z_channels", zChannels, Extent.CHANNELS);
    Extent.check("codes", codes, Extent.CODES);
    Extent.check("channels", channels, Extent.CHANNELS);
    Extent.check("blocks", blocks, Extent.BLOCKS);
    if (firstSize != null) {
      Extent.check(FIRST, firstSize, Extent.PIXELS);
    }
    if (upsamplings < 0 || upsamplings > MOST_UPSAMPLINGS || autoencoder == null) {
      throw new EngineException(
          "a small decoder doubles the size at most "
              + MOST_UPSAMPLINGS
              + " times and names its autoencoder; this one has "
              + upsamplings
              + " and "
              + autoencoder);
    }
  }

  /** A small decoder of an autoencoder. */
  public static SmallDecoderConfig of(
      VqAutoencoderConfig config, int channels, int blocks, String autoencoder) {
    int upsamplings = config.multipliers().size() - 1;
    Integer first = config.decodedSize() == config.latentSize() ? null : config.decodedSize();
    return new SmallDecoderConfig(
        config.zChannels(), config.codes(), upsamplings, first, channels, blocks, autoencoder);
  }

  /** Height and width of the faces that are drawn from latents of a size. */
  int drawnSize(int latentSize) {
    return (firstSize == null ? latentSize : firstSize) << upsamplings;
  }

  String toJson() {
    return ConfigJson.text(this);
  }
}
