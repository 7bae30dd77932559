package dev.fizzy.rival;

import static dev.fizzy.rival.Torch.scoped;
import static dev.fizzy.rival.Torch.then;

import dev.fizzy.model.VqAutoencoderConfig;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** LDM's VQ autoencoder on libtorch, written from its published description: pictures [B,C,H,W]. */
public final class TorchVqAutoencoder {
  private static final double EPS = 1e-6;

  private final TorchLayers net;
  private final VqAutoencoderConfig config;

  public TorchVqAutoencoder(TorchLayers net, VqAutoencoderConfig config) {
    this.net = net;
    this.config = config;
  }

  /** Images [B,3,S,S] to latents, not quantized. */
  public Tensor encode(Tensor image) {
    return scoped(
        () -> {
          Tensor h = net.convolution("encoder.conv_in", image, 1, 1);
          int levels = config.multipliers().size();
          for (int level = 0; level < levels; level++) {
            String down = "encoder.down." + level;
            for (int block = 0; block < config.blocks(); block++) {
              String at = down + ".block." + block;
              h = then(h, y -> residual(at, y));
            }
            if (level < levels - 1) {
              h = then(h, y -> torch.constant_pad_nd(y, 0, 1, 0, 1));
              h = then(h, y -> net.convolution(down + ".downsample.conv", y, 2, 0));
            }
          }
          h = finish("encoder", middle("encoder.mid", h));
          return then(h, y -> net.pointwise("quant_conv", y));
        });
  }

  /** Quantized latents [B,z,S/f,S/f] to images [B,3,S,S]. */
  public Tensor decode(Tensor z) {
    return scoped(
        () -> {
          Tensor h = net.pointwise("post_quant_conv", z);
          h = then(h, y -> net.convolution("decoder.conv_in", y, 1, 1));
          h = middle("decoder.mid", h);
          for (int level = config.multipliers().size() - 1; level >= 0; level--) {
            String up = "decoder.up." + level;
            for (int block = 0; block <= config.blocks(); block++) {
              String at = up + ".block." + block;
              h = then(h, y -> residual(at, y));
            }
            if (level > 0) {
              h = then(h, TorchVqAutoencoder::twice);
              h = then(h, y -> net.convolution(up + ".upsample.conv", y, 1, 1));
            }
          }
          return finish("decoder", h);
        });
  }

  /** Nearest-neighbour up-sampling by 2. */
  private static Tensor twice(Tensor x) {
    long[] size = {2 * x.size(2), 2 * x.size(3)};
    return torch.upsample_nearest2d(x, size, new DoubleOptional(), new DoubleOptional());
  }

  private Tensor finish(String at, Tensor x) {
    Tensor h = then(x, y -> net.norm(at + ".norm_out", y, config.groups(), EPS));
    return then(net.silu(h), y -> net.convolution(at + ".conv_out", y, 1, 1));
  }

  private Tensor middle(String at, Tensor x) {
    Tensor h = then(x, y -> residual(at + ".block_1", y));
    h = then(h, y -> attention(at + ".attn_1", y));
    return then(h, y -> residual(at + ".block_2", y));
  }

  private Tensor residual(String at, Tensor x) {
    return scoped(
        () -> {
          Tensor h = net.silu(net.norm(at + ".norm1", x, config.groups(), EPS));
          h = then(h, y -> net.convolution(at + ".conv1", y, 1, 1));
          h = net.silu(then(h, y -> net.norm(at + ".norm2", y, config.groups(), EPS)));
          h = then(h, y -> net.convolution(at + ".conv2", y, 1, 1));
          boolean same = x.size(1) == h.size(1);
          return net.add(h, same ? x : net.pointwise(at + ".nin_shortcut", x));
        });
  }

  private Tensor attention(String at, Tensor x) {
    return scoped(
        () -> {
          Tensor h = net.norm(at + ".norm", x, config.groups(), EPS);
          Tensor q = net.pointwise(at + ".q", h);
          Tensor k = net.pointwise(at + ".k", h);
          Tensor v = net.pointwise(at + ".v", h);
          Tensor y = net.attention(q, k, v, 1);
          return net.add(then(y, o -> net.pointwise(at + ".proj_out", o)), x);
        });
  }
}
