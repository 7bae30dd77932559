package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.EngineException;

/**
 * The shape of an {@link AutoregressiveTransformer} and of its training.
 *
 * @param conditional whether the network takes a context
 * @param size height and width of the latents, whose pixels are the tokens
 * @param latentChannels channels of the latents
 * @param codes entries of the autoencoder's codebook
 * @param width channels of a token, and of the context
 * @param headChannels width of an attention head
 * @param depth number of blocks
 * @param contextInput width of the identity embedding
 * @param contextDropout probability of contextual partial dropout (CPD) in training
 * @param emptyContext probability of dropping the whole context in training, for guidance
 */
public record AutoregressiveConfig(
    boolean conditional,
    int size,
    @JsonProperty("latent_channels") int latentChannels,
    int codes,
    int width,
    @JsonProperty("head_channels") int headChannels,
    int depth,
    @JsonProperty("context_input") int contextInput,
    @JsonProperty("context_dropout") double contextDropout,
    @JsonProperty("empty_context") double emptyContext)
    implements NetworkConfig {
  /** Tokens that attention can keep keys and values of. */
  private static final int MOST_TOKENS = 4096;

  public AutoregressiveConfig {
    Extent.check("size", size, Extent.PIXELS);
    Extent.check("latent_channels", latentChannels, Extent.CHANNELS);
    Extent.check("codes", codes, Extent.CODES);
    Extent.check("width", width, Extent.CHANNELS);
    Extent.check("head_channels", headChannels, width);
    Extent.check("depth", depth, Extent.BLOCKS);
    Extent.check("context_input", contextInput, Extent.CHANNELS);
    DiffusionConfig.probability("context_dropout", contextDropout);
    DiffusionConfig.probability("empty_context", emptyContext);
    if ((long) size * size > MOST_TOKENS) {
      throw new EngineException(
          "latents of " + size + " pixels are more than " + MOST_TOKENS + " codes to draw in turn");
    }
    if (width % headChannels != 0) {
      throw new EngineException(
          "a transformer's width must divide into heads of " + headChannels + ", not " + width);
    }
  }

  /** Codes of an image, T. */
  public int tokens() {
    return size * size;
  }

  /** Values that describe a token, F: the latents of the code before it, its row, its column. */
  public int features() {
    return latentChannels + 2 * size;
  }

  @Override
  public int contextChannels() {
    return width;
  }

  @Override
  public boolean contextSimilarity() {
    return false;
  }

  @Override
  public AutoregressiveConfig unconditional() {
    return new AutoregressiveConfig(
        false, size, latentChannels, codes, width, headChannels, depth, contextInput, 0, 0);
  }
}
