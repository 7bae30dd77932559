package dev.fizzy.rival;

import static dev.fizzy.rival.Torch.scoped;
import static dev.fizzy.rival.Torch.then;

import dev.fizzy.model.UNetConfig;
import dev.fizzy.model.UNetConfig.Conditioning;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The denoiser of IDiff-Face on libtorch, written from its published description: pictures
 * [B,C,H,W].
 */
public final class TorchUNet {
  private static final double EPS = 1e-5;

  private final TorchLayers net;
  private final UNetConfig config;

  public TorchUNet(TorchLayers net, UNetConfig config) {
    this.net = net;
    this.config = config;
  }

  /**
   * @param x [B,C,S,S]
   * @param t f32 [B] or [1]
   * @param identity [B,512]
   */
  public Tensor predict(Tensor x, Tensor t, Tensor identity) {
    return scoped(
        () -> {
          Tensor time = time(t);
          Tensor context = net.linear("context_emb", identity);
          Tensor h = net.convolution("image_proj", x, 1, 1);
          Deque<Tensor> skips = new ArrayDeque<>();
          skips.push(h);
          int levels = config.multipliers().size();
          int i = 0;
          for (int level = 0; level < levels; level++) {
            for (int block = 0; block < config.blocks(); block++) {
              h = block("down." + i++, h, time, context, config.attention().get(level));
              skips.push(h);
            }
            if (level < levels - 1) {
              h = net.convolution("down." + i++ + ".conv", h, 2, 1);
              skips.push(h);
            }
          }
          h = residual("middle.res1", h, time, context);
          h = then(h, y -> attention("middle.attn", y, context));
          h = then(h, y -> residual("middle.res2", y, time, context));
          i = 0;
          for (int level = levels - 1; level >= 0; level--) {
            for (int block = 0; block <= config.blocks(); block++) {
              Tensor skip = skips.pop();
              Tensor joined = then(h, y -> torch.cat(new TensorVector(y, skip), 1));
              skip.deallocate();
              String at = "up." + i++;
              boolean attends = config.attention().get(level);
              h = then(joined, y -> block(at, y, time, context, attends));
            }
            if (level > 0) {
              String at = "up." + i++ + ".conv";
              h = then(h, y -> net.transposed(at, y));
            }
          }
          h = net.silu(then(h, y -> net.norm("norm", y, config.groups(), EPS)));
          return then(h, y -> net.convolution("final", y, 1, 1));
        });
  }

  private Tensor time(Tensor t) {
    Tensor sinusoid = net.sinusoid(t, config.baseChannels());
    return net.linear("time_emb.lin2", net.silu(net.linear("time_emb.lin1", sinusoid)));
  }

  private Tensor block(String at, Tensor x, Tensor time, Tensor context, boolean attends) {
    Tensor h = residual(at + ".res", x, time, context);
    return attends ? then(h, y -> attention(at + ".attn", y, context)) : h;
  }

  /**
   * @param x [B,C,H,W]
   * @param time [B or 1,4 baseChannels], before the SiLU each block begins with
   * @param context [B,contextChannels]
   */
  public Tensor residual(String at, Tensor x, Tensor time, Tensor context) {
    return scoped(
        () -> {
          Tensor h = net.silu(net.norm(at + ".norm1", x, config.groups(), EPS));
          h = then(h, y -> net.convolution(at + ".conv1", y, 1, 1));
          Tensor emb = net.linear(at + ".time_emb.1", torch.silu(time));
          if (config.conditioning() == Conditioning.ADAPTIVE_GROUP_NORM) {
            emb = net.linear(at + ".context_emb.1", torch.silu(context)).add(emb);
          }
          Tensor scale = net.linear(at + ".scale_emb", emb);
          Tensor shift = net.linear(at + ".shift_emb", emb);
          h = then(h, y -> net.norm(at + ".norm2.norm", y, config.groups(), EPS));
          h = net.silu(net.modulate(h, scale, shift));
          h = then(h, y -> net.convolution(at + ".conv2", y, 1, 1));
          boolean same = x.size(1) == h.size(1);
          return net.add(h, same ? x : net.pointwise(at + ".shortcut", x));
        });
  }

  /** The block's attention, by the configuration's conditioning; x [B,C,H,W]. */
  public Tensor attention(String at, Tensor x, Tensor context) {
    return scoped(
        () ->
            config.conditioning() == Conditioning.CROSS_ATTENTION
                ? crossAttention(at, x, context)
                : attend(
                    at + ".attention", net.norm(at + ".norm", x, config.groups(), EPS), null, x));
  }

  private Tensor crossAttention(String at, Tensor x, Tensor context) {
    Tensor h = net.pointwise(at + ".x_proj_in", x);
    h = then(h, y -> attend(at + ".self_attention", norm(at, y), null, y));
    Tensor tokens = tokens(at, context);
    h = then(h, y -> attend(at + ".cross_attention", norm(at, y), tokens, y));
    h = then(h, y -> feedForward(at, y));
    h = then(h, y -> net.pointwise(at + ".x_proj_out", y));
    return net.add(h, x);
  }

  private Tensor norm(String at, Tensor h) {
    return net.norm(at + ".x_norm", h, config.groups(), EPS);
  }

  /** proj_out(attention(x over tokens)) + residual; over x itself where tokens is null. */
  private Tensor attend(String at, Tensor x, Tensor tokens, Tensor residual) {
    return scoped(
        () -> {
          Tensor over = tokens == null ? x : tokens;
          Tensor q = net.pointwise(at + ".to_q", x);
          Tensor k = net.pointwise(at + ".to_k", over);
          Tensor v = net.pointwise(at + ".to_v", over);
          int heads = (int) (x.size(1) / config.headChannels());
          Tensor y = net.attention(q, k, v, heads);
          return net.add(then(y, o -> net.pointwise(at + ".proj_out", o)), residual);
        });
  }

  private Tensor feedForward(String at, Tensor x) {
    return scoped(
        () -> {
          Tensor wide = then(norm(at, x), y -> net.pointwise(at + ".ff.0", y));
          wide = then(wide, torch::gelu);
          return net.add(then(wide, y -> net.pointwise(at + ".ff.2", y)), x);
        });
  }

  /** The context as tokens, [B,contextChannels,tokens,1]. */
  private Tensor tokens(String at, Tensor context) {
    return scoped(
        () -> {
          Tensor c = net.linear(at + ".c_proj_in", context);
          c = c.reshape(context.size(0), config.contextChannels(), config.contextTokens(), 1);
          return net.norm(at + ".c_norm", c, config.groups(), EPS);
        });
  }
}
