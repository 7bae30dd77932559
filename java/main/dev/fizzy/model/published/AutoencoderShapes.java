package dev.fizzy.model.published;

import dev.fizzy.model.VqAutoencoderConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Derives the configuration of a VQ autoencoder from the tensor shapes of its encoder, its decoder,
 * or both. The image size and the number of groups of group norms come from the base configuration.
 */
final class AutoencoderShapes {
  static final String ENCODER = "encoder.conv_in.weight";
  static final String DECODER = "decoder.conv_in.weight";

  private AutoencoderShapes() {}

  static VqAutoencoderConfig derive(Shapes shapes, VqAutoencoderConfig base, int imageSize) {
    boolean encoder = shapes.has(ENCODER);
    List<Integer> widths = new ArrayList<>();
    String levels = encoder ? "encoder.down" : "decoder.up";
    for (int i = 0; i < shapes.count(levels); i++) {
      widths.add(shapes.extent(levels + "." + i + ".block.0.conv1.weight", 0));
    }
    if (widths.isEmpty()) {
      throw shapes.fault("it has no levels " + levels + ".0, ..");
    }
    // A decoder's shapes give only channels times the first multiplier, which is 1 in the published
    // models.
    int channels = encoder ? shapes.extent(ENCODER, 0) : widths.get(0);
    List<Integer> multipliers = new ArrayList<>();
    for (int width : widths) {
      if (width % channels != 0) {
        throw shapes.fault("a level of " + width + " channels is not a multiple of " + channels);
      }
      multipliers.add(width / channels);
    }
    int blocks = shapes.count(levels + ".0.block") - (encoder ? 0 : 1);
    String codebook = "quantize.embedding.weight";
    return new VqAutoencoderConfig(
        imageSize,
        base.imageSize() == imageSize ? base.encodedSize() : null,
        encoder ? shapes.extent("encoder.conv_out.weight", 0) : shapes.extent(DECODER, 1),
        shapes.has(codebook) ? shapes.extent(codebook, 0) : base.codes(),
        channels,
        List.copyOf(multipliers),
        blocks,
        base.groups());
  }
}
