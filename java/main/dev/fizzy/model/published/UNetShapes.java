package dev.fizzy.model.published;

import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import java.util.ArrayList;
import java.util.List;

/**
 * Derives the configuration of a U-Net from its tensor shapes. What shapes do not determine (the
 * latent size, the patch, the groups of group norms, usually the width of a head) comes from the
 * base configuration.
 */
final class UNetShapes {
  /** The tensor that identifies the network. */
  static final String SIGN = "image_proj.weight";

  private UNetShapes() {}

  /**
   * @param heads whether {@code base} has the width of a head; otherwise it is the number of
   *     context tokens if the network has cross-attention, as in the published code
   */
  static UNetConfig derive(Shapes shapes, UNetConfig base, int size, boolean heads) {
    if (shapes.any("", "res.norm2.weight")) {
      throw shapes.fault(
          "its residual blocks add the time (condition_type AddPlusGN), which is not supported");
    }
    int baseChannels = shapes.extent(SIGN, 0);
    List<Integer> multipliers = new ArrayList<>();
    List<Boolean> attention = new ArrayList<>();
    int blocks = 0;
    int inLevel = 0;
    int before = baseChannels;
    int last = shapes.count("down");
    for (int i = 0; i < last; i++) {
      String place = "down." + i;
      if (shapes.has(place + ".conv.weight")) {
        inLevel = 0;
        continue;
      }
      int width = shapes.extent(place + ".res.conv1.weight", 0);
      boolean attends = shapes.any(place + ".attn.", "");
      if (inLevel++ == 0) {
        if (width % before != 0) {
          throw shapes.fault(place + " has width " + width + " after a level of " + before);
        }
        multipliers.add(width / before);
        attention.add(attends);
        before = width;
      } else if (width != before || attends != attention.get(attention.size() - 1)) {
        throw shapes.fault(place + " differs from the blocks of its level");
      }
      blocks = Math.max(blocks, inLevel);
    }
    if (multipliers.isEmpty()) {
      throw shapes.fault("it has no blocks down.0, down.1, ..");
    }
    Conditioning conditioning =
        shapes.any("", "attn.cross_attention.to_q.weight")
            ? Conditioning.CROSS_ATTENTION
            : shapes.any("", "res.context_emb.1.weight")
                ? Conditioning.ADAPTIVE_GROUP_NORM
                : Conditioning.NONE;
    boolean conditional = conditioning != Conditioning.NONE;
    int contextChannels =
        conditional ? shapes.extent("context_emb.weight", 0) : base.contextChannels();
    if (conditional && !shapes.has("context_emb.bias")) {
      throw shapes.fault("its contexts are class labels, not vectors, which is not supported");
    }
    int tokens = base.contextTokens();
    int headChannels = base.headChannels();
    if (conditioning == Conditioning.CROSS_ATTENTION) {
      tokens = shapes.extent("middle.attn.c_proj_in.weight", 0) / contextChannels;
      headChannels = heads ? headChannels : tokens;
    }
    int pixels = base.patch() * base.patch();
    int patchChannels = shapes.extent(SIGN, 1);
    if (patchChannels % pixels != 0) {
      throw shapes.fault(
          SIGN + " takes " + patchChannels + " channels, no multiple of " + pixels + " of a patch");
    }
    return new UNetConfig(
        conditioning,
        size,
        patchChannels / pixels,
        base.patch(),
        baseChannels,
        List.copyOf(multipliers),
        List.copyOf(attention),
        headChannels,
        blocks,
        conditional ? shapes.extent("context_emb.weight", 1) : base.contextInput(),
        contextChannels,
        tokens,
        shapes.has("empty_context_embedding"),
        base.groups());
  }
}
