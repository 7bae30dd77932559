package dev.fizzy.model;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Upsample;
import dev.fizzy.nn.Layer;
import java.util.List;

/**
 * A decoder of the shape of TAESD (Boer Bohan, "Tiny AutoEncoder for Stable Diffusion", 2023):
 * residual blocks of three convolutions, no norms and no attention. With leaky ReLU where TAESD has
 * ReLU, and if asked after the first layers of the decoder that it imitates.
 */
public final class SmallDecoder {
  /** What the names of its own parameters begin with. */
  public static final String PREFIX = "small_decoder";

  private final SmallDecoderConfig config;
  private final VqAutoencoder imitated;
  private final Layer root;

  public SmallDecoder(Graph graph, SmallDecoderConfig config) {
    this.config = config;
    this.imitated = new VqAutoencoder(graph, config.autoencoder(), true);
    this.root = new Layer(graph, PREFIX);
  }

  /** Quantized latents [B,S,S,z] to images [B,s,s,3], as large as the autoencoder's. */
  public Tensor decode(Tensor z) {
    return draw(config.middle() ? imitated.middle(z) : null, z);
  }

  /**
   * The same beside the decoder that it imitates, so that the layers of both are computed once.
   *
   * @param middle what {@link VqAutoencoder#middle} of the imitated decoder gives
   */
  public Tensor decode(Tensor z, Tensor middle) {
    return draw(config.middle() ? middle : null, z);
  }

  private Tensor draw(Tensor middle, Tensor z) {
    List<Integer> widths = config.channels();
    Tensor first = imitated.resized(middle == null ? z : middle);
    Tensor h = Activation.leakyRelu(root.at("conv_in").convolution(first, widths.get(0), 3));
    for (int level = 0; level < widths.size() - 1; level++) {
      Layer up = root.at("up").at(level);
      for (int block = 0; block < config.blocks(); block++) {
        h = block(up.at("block").at(block), h);
      }
      h = up.at("conv").convolution(Upsample.of(h), widths.get(level + 1), 3);
    }
    h = block(root.at("last"), h);
    return root.at("conv_out").convolution(h, 3, 3);
  }

  /** Weights of the last layer, [3, channels at the image's size, 3, 3]. */
  public Tensor lastWeights() {
    int width = config.channels().get(config.channels().size() - 1);
    return root.at("conv_out").parameter("weight", Init.ZEROS, 3, width, 3, 3);
  }

  private static Tensor block(Layer at, Tensor x) {
    int width = x.dim(-1);
    Tensor h = Activation.leakyRelu(at.at("conv1").convolution(x, width, 3));
    h = Activation.leakyRelu(at.at("conv2").convolution(h, width, 3));
    return Activation.leakyRelu(at.at("conv3").convolution(h, width, 3, x));
  }
}
