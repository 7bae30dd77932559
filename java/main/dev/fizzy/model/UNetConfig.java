package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a {@link UNet}.
 *
 * @param conditioning how the identity enters: {@code CROSS_ATTENTION}, {@code
 *     ADAPTIVE_GROUP_NORM}, or {@code NONE}
 * @param size height and width of the latents
 * @param latentChannels channels of the latents
 * @param patch pixels of a side of the patches that the network computes on, each as one pixel of
 *     patch * patch * latentChannels channels; 1, the default, computes on the latents themselves
 * @param baseChannels width of the first level
 * @param multipliers applied cumulatively: widths are base*m0, base*m0*m1, ...
 * @param attention whether each level has attention
 * @param headChannels width of an attention head
 * @param blocks residual blocks per level on the way down; one more on the way up
 * @param contextInput width of the identity embedding
 * @param contextSimilarity whether a context has one more element, see {@link DenoiserConfig}
 * @param contextChannels width of the projected context
 * @param contextTokens number of tokens that cross-attention splits the context into
 * @param learnedEmptyContext whether the network has a learned context for "no identity"; without
 *     one it is the zero vector, as published
 * @param groups number of groups of every group norm
 * @param guidance the guidance weights that the network takes as an input; null if it takes none
 */
public record UNetConfig(
    Conditioning conditioning,
    int size,
    @JsonProperty("latent_channels") int latentChannels,
    @JsonProperty(PATCH)
        @JacksonInject(value = PATCH, useInput = OptBoolean.TRUE)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = One.class)
        int patch,
    @JsonProperty("base_channels") int baseChannels,
    List<Integer> multipliers,
    List<Boolean> attention,
    @JsonProperty("head_channels") int headChannels,
    int blocks,
    @JsonProperty("context_input") int contextInput,
    @JsonProperty(SIMILARITY)
        @JacksonInject(value = SIMILARITY, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        boolean contextSimilarity,
    @JsonProperty("context_channels") int contextChannels,
    @JsonProperty("context_tokens") int contextTokens,
    @JsonProperty("learned_empty_context") boolean learnedEmptyContext,
    int groups,
    @JsonProperty(GUIDANCE)
        @JacksonInject(value = GUIDANCE, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        GuidanceRange guidance)
    implements DenoiserConfig {

  /** How the identity enters the network. */
  public enum Conditioning {
    CROSS_ATTENTION,
    ADAPTIVE_GROUP_NORM,
    NONE
  }

  /** Keys that configurations may leave out; the usual values are not written. */
  static final String PATCH = "patch";

  static final String SIMILARITY = "context_similarity";
  static final String GUIDANCE = "guidance";

  /** Equals 1. */
  static final class One {
    @Override
    public boolean equals(Object other) {
      return Integer.valueOf(1).equals(other);
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  public UNetConfig {
    if (conditioning == null) {
      throw new EngineException(
          "a U-Net's conditioning must be one of " + List.of(Conditioning.values()));
    }
    Extent.check("size", size, Extent.PIXELS);
    Extent.check("latent_channels", latentChannels, Extent.CHANNELS);
    Extent.check("patch", patch, size);
    long patchChannels = (long) latentChannels * patch * patch;
    Extent.check(
        "the channels of a patch",
        (int) Math.min(patchChannels, Integer.MAX_VALUE),
        Extent.CHANNELS);
    Extent.check("base_channels", baseChannels, Extent.CHANNELS);
    Extent.check("head_channels", headChannels, Extent.CHANNELS);
    Extent.check("blocks", blocks, Extent.BLOCKS);
    Extent.check("context_input", contextInput, Extent.CHANNELS);
    Extent.check("context_channels", contextChannels, Extent.CHANNELS);
    Extent.check("context_tokens", contextTokens, Extent.CHANNELS);
    Extent.check("groups", groups, Extent.CHANNELS);
    int[] widths = Extent.cumulative(baseChannels, multipliers);
    if (attention == null
        || attention.size() != widths.length
        || attention.stream().anyMatch(Objects::isNull)) {
      throw new EngineException(
          "a U-Net has one attention flag per level: multipliers "
              + multipliers
              + ", attention "
              + attention);
    }
    if (guidance != null && conditioning == Conditioning.NONE) {
      throw new EngineException("a U-Net without conditioning has no guidance");
    }
    if (size % patch != 0) {
      throw new EngineException(
          "latents of " + size + " pixels do not divide into patches of " + patch);
    }
    if (size / patch % (1 << (widths.length - 1)) != 0) {
      throw new EngineException(
          "latents of "
              + size
              + " pixels"
              + (patch == 1 ? "" : " in patches of " + patch)
              + " cannot be halved "
              + (widths.length - 1)
              + " times");
    }
    for (int width : widths) {
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

  /** A U-Net without the condition of similarity. */
  public UNetConfig(
      Conditioning conditioning,
      int size,
      int latentChannels,
      int patch,
      int baseChannels,
      List<Integer> multipliers,
      List<Boolean> attention,
      int headChannels,
      int blocks,
      int contextInput,
      int contextChannels,
      int contextTokens,
      boolean learnedEmptyContext,
      int groups) {
    this(
        conditioning,
        size,
        latentChannels,
        patch,
        baseChannels,
        multipliers,
        attention,
        headChannels,
        blocks,
        contextInput,
        false,
        contextChannels,
        contextTokens,
        learnedEmptyContext,
        groups,
        null);
  }

  /** The same network with the guidance weight as an input, and so without an empty context. */
  public UNetConfig guided(GuidanceRange range) {
    return with(conditioning, contextSimilarity, learnedEmptyContext && range == null, range);
  }

  @Override
  public UNetConfig unconditional() {
    return with(Conditioning.NONE, false, false, null);
  }

  private UNetConfig with(
      Conditioning conditioning, boolean similarity, boolean emptyContext, GuidanceRange range) {
    return new UNetConfig(
        conditioning,
        size,
        latentChannels,
        patch,
        baseChannels,
        multipliers,
        attention,
        headChannels,
        blocks,
        contextInput,
        similarity,
        contextChannels,
        contextTokens,
        emptyContext,
        groups,
        range);
  }

  @Override
  public boolean conditional() {
    return conditioning != Conditioning.NONE;
  }

  @Override
  public Denoiser record(Graph graph, String path) {
    return new UNet(graph, this, path);
  }

  int timeChannels() {
    return 4 * baseChannels;
  }
}
