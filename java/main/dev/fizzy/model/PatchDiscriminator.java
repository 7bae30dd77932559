package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.nn.Layer;

/**
 * The discriminator of pix2pix (Isola et al., CVPR 2017) and latent diffusion: tells real from
 * decoded images, patch by patch. With group norm instead of batch norm, so that an image's logits
 * do not depend on its batch. Parameter names are those of the published LDM checkpoint.
 */
public final class PatchDiscriminator {
  /** What the names of its parameters begin with. */
  public static final String PREFIX = "loss.discriminator.";

  private static final double EPS = 1e-5;
  private static final int GROUP = 8;
  private static final int WIDEST = 8;
  private static final int MOST_LAYERS = 8;

  /**
   * Its shape. The published one has 64 channels and 3 layers.
   *
   * @param channels width of the first layer, a multiple of 8; each layer doubles it, at most to
   *     eight times
   * @param layers that halve the size; two of stride 1 follow. A logit sees 16, 34, 70 or 142
   *     pixels with 1, 2, 3 or 4 layers
   */
  public record Config(int channels, int layers) {
    public static final Config PUBLISHED = new Config(64, 3);

    public Config {
      Extent.check("discriminator channels", channels, Extent.CHANNELS);
      Extent.check("discriminator layers", layers, MOST_LAYERS);
      if (channels % GROUP != 0) {
        throw new EngineException(
            "a discriminator of " + channels + " channels: give a multiple of " + GROUP);
      }
    }

    /** Height and width of the logits of images of {@code size} pixels. */
    public int logits(int size) {
      int patches = size;
      for (int layer = 0; layer < layers; layer++) {
        patches /= 2;
      }
      if (patches < 3) {
        throw new EngineException(
            "images of "
                + size
                + " pixels are too small for a discriminator of "
                + layers
                + " layers, which takes "
                + 3 * (1L << layers)
                + "; give fewer layers");
      }
      return patches - 2;
    }
  }

  private final Config config;
  private final Layer root;

  public PatchDiscriminator(Graph graph, Config config) {
    this.config = config;
    this.root = new Layer(graph, PREFIX + "main");
  }

  /** Logits [B,P,P,1] of images [B,S,S,3] in [-1,1]; positive for real ones. */
  public Tensor logits(Tensor image) {
    config.logits(image.dim(1));
    Tensor h = Activation.leakyRelu(convolution(0, image, config.channels(), 2));
    int index = 2;
    for (int layer = 1; layer <= config.layers(); layer++) {
      int width = config.channels() * Math.min(1 << layer, WIDEST);
      h = convolution(index, h, width, layer < config.layers() ? 2 : 1);
      h = root.at(index + 1).groupNorm(h, width / GROUP, EPS, false);
      h = Activation.leakyRelu(h);
      index += 3;
    }
    return convolution(index, h, 1, 1);
  }

  private Tensor convolution(int index, Tensor x, int width, int stride) {
    return root.at(index).convolution(x, width, 4, stride, Padding.same(1), null, Init.normal(.02));
  }
}
