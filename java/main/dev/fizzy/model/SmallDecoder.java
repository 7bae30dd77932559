package dev.fizzy.model;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Upsample;
import dev.fizzy.nn.Layer;
import dev.fizzy.nn.Resizing;

/**
 * A decoder of the shape of TAESD (Boer Bohan, "Tiny AutoEncoder for Stable Diffusion", 2023):
 * residual blocks of three convolutions of one width, no norms and no attention. With leaky ReLU
 * where TAESD has ReLU.
 */
public final class SmallDecoder {
  /** What the names of its parameters begin with. */
  public static final String PREFIX = "small_decoder";

  private final SmallDecoderConfig config;
  private final Layer root;

  public SmallDecoder(Graph graph, SmallDecoderConfig config) {
    this.config = config;
    this.root = new Layer(graph, PREFIX);
  }

  /** Quantized latents [B,S,S,z] to images [B,s 2^n,s 2^n,3], where s is the first size or S. */
  public Tensor decode(Tensor z) {
    int width = config.channels();
    Tensor first = config.firstSize() == null ? z : Resizing.of(z, config.firstSize(), root.path());
    Tensor h = Activation.leakyRelu(root.at("conv_in").convolution(first, width, 3));
    for (int level = 0; level < config.upsamplings(); level++) {
      Layer up = root.at("up").at(level);
      for (int block = 0; block < config.blocks(); block++) {
        h = block(up.at("block").at(block), h);
      }
      h = up.at("conv").convolution(Upsample.of(h), width, 3);
    }
    h = block(root.at("last"), h);
    return root.at("conv_out").convolution(h, 3, 3);
  }

  /** Weights of the last layer, [3, channels, 3, 3]. */
  public Tensor lastWeights() {
    return root.at("conv_out").parameter("weight", Init.ZEROS, 3, config.channels(), 3, 3);
  }

  private static Tensor block(Layer at, Tensor x) {
    int width = x.dim(-1);
    Tensor h = Activation.leakyRelu(at.at("conv1").convolution(x, width, 3));
    h = Activation.leakyRelu(at.at("conv2").convolution(h, width, 3));
    return Activation.leakyRelu(at.at("conv3").convolution(h, width, 3, x));
  }
}
