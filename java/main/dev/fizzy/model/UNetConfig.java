package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.EngineException;
import java.util.List;

/**
 * The shape of the denoiser.
 *
 * @param conditioning how the identity enters: {@code CROSS_ATTENTION}, {@code
 *     ADAPTIVE_GROUP_NORM}, or {@code NONE}
 * @param size height and width of the latents
 * @param latentChannels channels of the latents
 * @param baseChannels width of the first level
 * @param multipliers applied cumulatively: widths are base*m0, base*m0*m1, ...
 * @param attention whether each level has attention
 * @param headChannels width of an attention head
 * @param blocks residual blocks per level on the way down; one more on the way up
 * @param contextInput width of the identity embedding
 * @param contextChannels width of the projected context
 * @param contextTokens number of tokens that cross-attention splits the context into
 * @param learnedEmptyContext whether the network has a learned context for "no identity", which
 *     guidance needs
 * @param groups number of groups of every group norm
 */
public record UNetConfig(
    Conditioning conditioning,
    int size,
    @JsonProperty("latent_channels") int latentChannels,
    @JsonProperty("base_channels") int baseChannels,
    List<Integer> multipliers,
    List<Boolean> attention,
    @JsonProperty("head_channels") int headChannels,
    int blocks,
    @JsonProperty("context_input") int contextInput,
    @JsonProperty("context_channels") int contextChannels,
    @JsonProperty("context_tokens") int contextTokens,
    @JsonProperty("learned_empty_context") boolean learnedEmptyContext,
    int groups) {

  /** How the identity enters the network. */
  public enum Conditioning {
    CROSS_ATTENTION,
    ADAPTIVE_GROUP_NORM,
    NONE
  }

  public UNetConfig {
    if (multipliers == null || attention == null || multipliers.size() != attention.size()) {
      throw new EngineException(
          "a U-Net has one attention flag per level: multipliers "
              + multipliers
              + ", attention "
              + attention);
    }
    if (size % (1 << (multipliers.size() - 1)) != 0) {
      throw new EngineException(
          "latents of " + size + " pixels cannot be halved " + (multipliers.size() - 1) + " times");
    }
    int width = baseChannels;
    for (int m : multipliers) {
      width *= m;
      if (width % groups != 0 || width % headChannels != 0) {
        throw new EngineException(
            "a level of "
                + width
                + " channels does not divide into "
                + groups
                + " groups and heads of "
                + headChannels);
      }
    }
  }

  boolean crossAttends() {
    return conditioning == Conditioning.CROSS_ATTENTION;
  }

  boolean conditional() {
    return conditioning != Conditioning.NONE;
  }

  int timeChannels() {
    return 4 * baseChannels;
  }
}
