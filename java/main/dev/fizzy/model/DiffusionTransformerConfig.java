package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;

/**
 * The shape of a {@link DiffusionTransformer}.
 *
 * @param conditional whether the network takes a context
 * @param size height and width of the latents
 * @param latentChannels channels of the latents
 * @param patch pixels of a side of the patches, which are the tokens
 * @param width channels of a token, and of the context
 * @param headChannels width of an attention head
 * @param depth number of blocks
 * @param contextInput width of the identity embedding
 * @param contextSimilarity whether a context has one more element, see {@link DenoiserConfig}
 * @param learnedEmptyContext whether the network has a learned context for "no identity"
 */
public record DiffusionTransformerConfig(
    boolean conditional,
    int size,
    @JsonProperty("latent_channels") int latentChannels,
    int patch,
    int width,
    @JsonProperty("head_channels") int headChannels,
    int depth,
    @JsonProperty("context_input") int contextInput,
    @JsonProperty("context_similarity") boolean contextSimilarity,
    @JsonProperty("learned_empty_context") boolean learnedEmptyContext)
    implements DenoiserConfig {

  public DiffusionTransformerConfig {
    Extent.check("size", size, Extent.PIXELS);
    Extent.check("latent_channels", latentChannels, Extent.CHANNELS);
    Extent.check("patch", patch, size);
    Extent.check("width", width, Extent.CHANNELS);
    Extent.check("head_channels", headChannels, width);
    Extent.check("depth", depth, Extent.BLOCKS);
    Extent.check("context_input", contextInput, Extent.CHANNELS);
    if (size % patch != 0) {
      throw new EngineException(
          "latents of " + size + " pixels do not divide into patches of " + patch);
    }
    if (width % headChannels != 0 || width % 2 != 0) {
      throw new EngineException(
          "a transformer's width must be even and divide into heads of "
              + headChannels
              + ", not "
              + width);
    }
  }

  @Override
  public int contextChannels() {
    return width;
  }

  @Override
  public DiffusionTransformerConfig unconditional() {
    return new DiffusionTransformerConfig(
        false, size, latentChannels, patch, width, headChannels, depth, contextInput, false, false);
  }

  @Override
  public Denoiser record(Graph graph, String path) {
    return new DiffusionTransformer(graph, this, path);
  }

  /** Tokens of an image. */
  int tokens() {
    return size / patch * (size / patch);
  }
}
