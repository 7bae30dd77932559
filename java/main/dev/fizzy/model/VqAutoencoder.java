package dev.fizzy.model;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Softmax;
import dev.fizzy.engine.op.Upsample;
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.nn.Layer;
import dev.fizzy.nn.Resizing;

/**
 * The autoencoder of latent diffusion (Rombach et al., CVPR 2022; VQGAN, Esser et al., CVPR 2021):
 * images to latents and back. The encoder's output is not quantized; {@link #quantize} replaces it
 * by the nearest codes before decoding. Parameter names are those of the published LDM checkpoint.
 */
public final class VqAutoencoder {
  private static final double EPS = 1e-6;

  private final VqAutoencoderConfig config;
  private final Layer root;

  public VqAutoencoder(Graph graph, VqAutoencoderConfig config) {
    this(graph, config, false);
  }

  /**
   * @param frozen whether training leaves its parameters unchanged
   */
  public VqAutoencoder(Graph graph, VqAutoencoderConfig config, boolean frozen) {
    this.config = config;
    this.root = new Layer(graph, "", frozen);
  }

  /** Images [B,S,S,3] in [-1,1] to latents [B,e/f,e/f,z], where e is the encoded size. */
  public Tensor encode(Tensor image) {
    Layer encoder = root.at("encoder");
    Tensor seen =
        config.encodedSize() == null
            ? image
            : Resizing.of(image, config.encodedSize(), encoder.path());
    Tensor h = encoder.at("conv_in").convolution(seen, config.channels(), 3);
    int levels = config.multipliers().size();
    for (int level = 0; level < levels; level++) {
      Layer down = encoder.at("down").at(level);
      int width = width(level);
      for (int block = 0; block < config.blocks(); block++) {
        h = residual(down.at("block").at(block), h, width);
      }
      if (level < levels - 1) {
        Padding below = new Padding(0, 0, 1, 1);
        h = down.at("downsample.conv").convolution(h, width, 3, 2, below, null);
      }
    }
    h = middle(encoder.at("mid"), h);
    h = encoder.at("norm_out").groupNorm(h, config.groups(), EPS, true);
    h = encoder.at("conv_out").convolution(h, config.zChannels(), 3);
    return root.at("quant_conv").convolution(h, config.zChannels(), 1);
  }

  /**
   * The codebook, [codes, z]. It is initialized uniformly over the cube [-1,1]^z, dense enough that
   * quantization loses little from the first step; codes near zero, as published, need a long
   * training to spread.
   */
  public Tensor codebook() {
    return codebook(root, config.codes(), config.zChannels());
  }

  private static Tensor codebook(Layer root, int codes, int channels) {
    Init init = new Init(Init.Kind.UNIFORM, 1);
    return root.at("quantize.embedding").parameter("weight", init, codes, channels);
  }

  /** Replaces latents by their nearest codes, with a straight-through gradient. */
  public VectorQuantize quantize(Tensor z) {
    return quantize(root, z, config.codes());
  }

  /** The same by the frozen codebook of any autoencoder. */
  public static Tensor nearest(Tensor z, int codes) {
    return quantize(new Layer(z.graph(), "", true), z, codes).quantized();
  }

  /** The nearest codes' numbers, I32 without the channels, by the frozen codebook. */
  public static Tensor codes(Tensor z, int codes) {
    return quantize(new Layer(z.graph(), "", true), z, codes).indices();
  }

  /** The values of the codebook among the weights of an autoencoder or a decoder, [codes z]. */
  public static float[] codebook(Parameters weights) {
    return weights.read(Region.VALUES, weights.slot("quantize.embedding.weight"));
  }

  private static VectorQuantize quantize(Layer root, Tensor z, int codes) {
    try (Graph.Scope ignored = root.at("quantize").scope()) {
      return VectorQuantize.of(z, codebook(root, codes, z.dim(-1)));
    }
  }

  /** Quantized latents [B,e/f,e/f,z] to images [B,S,S,3]. */
  public Tensor decode(Tensor z) {
    return draw(middle(z));
  }

  /** The first part of the decoder: quantized latents [B,e/f,e/f,z] to features of their size. */
  public Tensor middle(Tensor z) {
    Layer decoder = root.at("decoder");
    Tensor h = root.at("post_quant_conv").convolution(z, config.zChannels(), 1);
    h = decoder.at("conv_in").convolution(h, width(config.multipliers().size() - 1), 3);
    return middle(decoder.at("mid"), h);
  }

  /** Latents or features [B,e/f,e/f,C] at the size of the decoder's first level. */
  Tensor resized(Tensor x) {
    return config.encodedSize() == null
        ? x
        : Resizing.of(x, config.decodedSize(), root.at("decoder").path());
  }

  /** The rest of the decoder: what {@link #middle(Tensor)} gives to images [B,S,S,3]. */
  public Tensor draw(Tensor middle) {
    Layer decoder = root.at("decoder");
    int levels = config.multipliers().size();
    Tensor h = resized(middle);
    for (int level = levels - 1; level >= 0; level--) {
      Layer up = decoder.at("up").at(level);
      int width = width(level);
      for (int block = 0; block <= config.blocks(); block++) {
        h = residual(up.at("block").at(block), h, width);
      }
      if (level > 0) {
        h = up.at("upsample.conv").convolution(Upsample.of(h), width, 3);
      }
    }
    h = decoder.at("norm_out").groupNorm(h, config.groups(), EPS, true);
    return decoder.at("conv_out").convolution(h, 3, 3);
  }

  /** Weights of the decoder's last layer, [3, channels, 3, 3]. */
  public Tensor lastWeights() {
    return root.at("decoder.conv_out").parameter("weight", Init.ZEROS, 3, width(0), 3, 3);
  }

  private int width(int level) {
    return config.channels() * config.multipliers().get(level);
  }

  private Tensor middle(Layer at, Tensor x) {
    Tensor h = residual(at.at("block_1"), x, x.dim(-1));
    h = attention(at.at("attn_1"), h);
    return residual(at.at("block_2"), h, x.dim(-1));
  }

  private Tensor residual(Layer at, Tensor x, int width) {
    Tensor h = at.at("norm1").groupNorm(x, config.groups(), EPS, true);
    h = at.at("conv1").convolution(h, width, 3);
    h = at.at("norm2").groupNorm(h, config.groups(), EPS, true);
    Tensor shortcut = x.dim(-1) == width ? x : at.at("nin_shortcut").convolution(x, width, 1);
    return at.at("conv2").convolution(h, width, 3, shortcut);
  }

  /**
   * Single-head self-attention over all positions, as wide as the block, as plain matrix products.
   */
  private Tensor attention(Layer at, Tensor x) {
    int b = x.dim(0);
    int t = x.dim(1) * x.dim(2);
    int c = x.dim(3);
    Tensor h = at.at("norm").groupNorm(x, config.groups(), EPS, false);
    Tensor q = Reshape.of(at.at("q").convolution(h, c, 1), b, t, c);
    Tensor k = Reshape.of(at.at("k").convolution(h, c, 1), b, t, c);
    Tensor v = Reshape.of(at.at("v").convolution(h, c, 1), b, t, c);
    try (Graph.Scope ignored = at.scope()) {
      Tensor weights = Softmax.of(MatMul.of(q, k, false, true, (float) (1 / Math.sqrt(c))));
      h = Reshape.of(MatMul.of(weights, v, false, false, 1), x.shape());
    }
    return at.at("proj_out").convolution(h, c, 1, x);
  }
}
