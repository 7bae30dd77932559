package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.Quoted;
import java.util.List;
import java.util.Objects;

/**
 * A recognizer's shape. The published ones have blocks [2,2,2,2] (iResNet-18), [3,4,6,3] (34),
 * [3,4,14,3] (50) and [3,13,30,3] (100), width 64, embeddings of 512 and faces of 112 pixels.
 *
 * @param blocks residual blocks of each of the four stages
 * @param width channels of the stem and the first stage; each later stage has twice as many
 * @param embedding width of the embeddings
 * @param size height and width of the faces in pixels, a multiple of 16
 * @param dropout probability of dropout before the last layer
 */
public record IResNetConfig(
    String name, List<Integer> blocks, int width, int embedding, int size, double dropout) {
  /** Names of the configurations that ship. */
  public static final List<String> SHIPPED =
      List.of(
          "iresnet18", "iresnet34", "iresnet50", "iresnet100", "iresnet18-half", "iresnet18-64");

  public IResNetConfig {
    if (blocks == null || blocks.size() != 4 || blocks.stream().anyMatch(Objects::isNull)) {
      throw new EngineException("an iResNet has four stages of blocks, not " + Quoted.of(blocks));
    }
    blocks.forEach(n -> Extent.check("blocks of a stage", n, Extent.BLOCKS));
    Extent.check("width", width, Extent.CHANNELS >> 3);
    Extent.check("embedding", embedding, Extent.CHANNELS);
    Extent.check("size", size, Extent.PIXELS);
    if (size % 16 != 0) {
      throw new EngineException("an iResNet's size is a multiple of 16, not " + size);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new EngineException("dropout must be in [0,1), not " + dropout);
    }
  }

  /** A shipped configuration by name, or a file's. */
  public static IResNetConfig load(String nameOrFile) {
    return ConfigJson.load(IResNetConfig.class, SHIPPED, nameOrFile);
  }

  public static IResNetConfig parse(String json) {
    return ConfigJson.parse(IResNetConfig.class, json);
  }

  /** This configuration with another dropout probability. */
  public IResNetConfig dropping(double probability) {
    return new IResNetConfig(name, blocks, width, embedding, size, probability);
  }

  public String toJson() {
    return ConfigJson.text(this);
  }

  /** Channels of a stage, counted from 0. */
  int channels(int stage) {
    return width << stage;
  }
}
