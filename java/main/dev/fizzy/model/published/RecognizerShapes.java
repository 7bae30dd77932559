package dev.fizzy.model.published;

import dev.fizzy.model.IResNetConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Derives the configuration of an iResNet from its tensor shapes. Dropout, which only training
 * uses, is unknown and set to 0.
 */
final class RecognizerShapes {
  /** The tensor that identifies the network: the batch norm of the first block. */
  static final String SIGN = "layer1.0.bn1.weight";

  private RecognizerShapes() {}

  static IResNetConfig derive(Shapes shapes) {
    List<Integer> blocks = new ArrayList<>();
    for (int stage = 1; stage <= 4; stage++) {
      blocks.add(shapes.count("layer" + stage));
    }
    int width = shapes.extent("conv1.weight", 0);
    int flat = shapes.extent("fc.weight", 1);
    int channels = width << 3;
    int side = (int) Math.round(Math.sqrt((double) flat / channels));
    if (blocks.contains(0) || side * side * channels != flat) {
      throw shapes.fault(
          "it has stages of " + blocks + " blocks and a last layer of " + flat + " inputs");
    }
    int embedding = shapes.extent("fc.weight", 0);
    IResNetConfig derived = new IResNetConfig("iresnet", blocks, width, embedding, 16 * side, 0);
    for (String name : IResNetConfig.SHIPPED) {
      IResNetConfig known = IResNetConfig.load(name);
      if (new IResNetConfig(
              "iresnet", known.blocks(), known.width(), known.embedding(), known.size(), 0)
          .equals(derived)) {
        return known;
      }
    }
    return derived;
  }
}
