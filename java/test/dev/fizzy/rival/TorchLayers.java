package dev.fizzy.rival;

import static dev.fizzy.rival.Torch.scoped;
import static dev.fizzy.rival.Torch.then;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * PyTorch's layers as functions of a path in the state dict. Pictures are [B,C,H,W] in either
 * memory format. Without gradients the activations are written in place, as PyTorch's users do.
 */
public final class TorchLayers {
  private static final long[] ONE = {1, 1};

  private final TorchWeights weights;
  private final boolean tuned;

  public TorchLayers(TorchWeights weights) {
    this(weights, false);
  }

  /**
   * @param tuned with what makes libtorch faster than code as it is usually written: attention in
   *     f32 if the rest is bf16, and, without gradients, convolution weights packed once for oneDNN
   */
  public TorchLayers(TorchWeights weights, boolean tuned) {
    this.weights = weights;
    this.tuned = tuned;
  }

  /** A tensor in the type the network computes in. */
  Tensor cast(Tensor x) {
    return x.to(weights.compute);
  }

  Tensor weight(String at) {
    return weights.get(at + ".weight");
  }

  Tensor convolution(String at, Tensor x, long stride, long padding) {
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    TensorOptional bias = weights.optional(at + ".bias");
    if (tuned && !weights.training) {
      Tensor packed = weights.packed(at + ".weight", x, strides, paddings);
      return torch.mkldnn_convolution(x, packed, bias, paddings, strides, ONE, 1);
    }
    return torch.conv2d(x, weight(at), bias, strides, paddings, ONE, 1);
  }

  /** A convolution without bias. */
  Tensor plainConvolution(String at, Tensor x, long stride, long padding) {
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    return torch.conv2d(x, weight(at), new TensorOptional(), strides, paddings, ONE, 1);
  }

  /** Parameters and running statistics stay f32, as under autocast; the latter move in training. */
  Tensor batchNorm(String at, Tensor x, boolean training) {
    return torch.batch_norm(
        x,
        new TensorOptional(weights.leaf(at + ".weight")),
        new TensorOptional(weights.leaf(at + ".bias")),
        new TensorOptional(weights.leaf(at + ".running_mean")),
        new TensorOptional(weights.leaf(at + ".running_var")),
        training,
        .1,
        1e-5,
        false);
  }

  Tensor prelu(String at, Tensor x) {
    return torch.prelu(x, weight(at));
  }

  /** A layer of the type its weights are kept in, f32 while training; gives f32. */
  Tensor linearF32(String at, Tensor x) {
    Tensor w = weights.leaf(at + ".weight");
    Tensor bias = weights.leaf(at + ".bias").to(w.scalar_type());
    Tensor y = torch.linear(x.to(w.scalar_type()), w, new TensorOptional(bias));
    return y.to(ScalarType.Float);
  }

  /** A convolution of width 1, its weights [out,in], [out,in,1] or [out,in,1,1]. */
  Tensor pointwise(String at, Tensor x) {
    Tensor w = weight(at);
    if (tuned && !weights.training) {
      long[] none = {0, 0};
      Tensor packed = weights.packed(at + ".weight", x, ONE, none);
      return torch.mkldnn_convolution(x, packed, weights.optional(at + ".bias"), none, ONE, ONE, 1);
    }
    while (w.dim() < 4) {
      w = w.unsqueeze(-1);
    }
    return torch.conv2d(x, w, weights.optional(at + ".bias"), ONE, new long[] {0, 0}, ONE, 1);
  }

  Tensor transposed(String at, Tensor x) {
    return torch.conv_transpose2d(
        x,
        weight(at),
        weights.optional(at + ".bias"),
        new long[] {2, 2},
        ONE,
        new long[] {0, 0},
        1,
        ONE);
  }

  Tensor linear(String at, Tensor x) {
    return torch.linear(x, weight(at), weights.optional(at + ".bias"));
  }

  Tensor norm(String at, Tensor x, int groups, double eps) {
    TensorOptional gamma = weights.optional(at + ".weight");
    return torch.group_norm(x, groups, gamma, weights.optional(at + ".bias"), eps, false);
  }

  /** SiLU of a tensor that nobody else needs. */
  Tensor silu(Tensor x) {
    return weights.training ? then(x, torch::silu) : torch.silu_(x);
  }

  /** x + y, where nobody else needs x. */
  Tensor add(Tensor x, Tensor y) {
    return weights.training ? then(x, t -> t.add(y)) : x.add_(y);
  }

  /** (1 + scale) x + shift, where nobody else needs x; scale and shift [B,C]. */
  Tensor modulate(Tensor x, Tensor scale, Tensor shift) {
    Tensor one = scale.add(new org.bytedeco.pytorch.Scalar(1f)).unsqueeze(-1).unsqueeze(-1);
    Tensor rows = shift.unsqueeze(-1).unsqueeze(-1);
    return weights.training ? then(x, t -> torch.addcmul(rows, t, one)) : x.mul_(one).add_(rows);
  }

  /**
   * Softmax attention of queries [B,C,H,W] over keys and values [B,C,...], a head's channels lying
   * together; [B,C,H,W].
   */
  Tensor attention(Tensor q, Tensor k, Tensor v, int heads) {
    return scoped(
        () -> {
          long b = q.size(0);
          long c = q.size(1);
          Tensor y =
              cast(
                  torch.scaled_dot_product_attention(
                      core(heads(q, heads)), core(heads(k, heads)), core(heads(v, heads))));
          return weights.format == MemoryFormat.ChannelsLast
              ? y.transpose(1, 2).reshape(b, q.size(2), q.size(3), c).permute(0, 3, 1, 2)
              : y.transpose(2, 3).reshape(b, c, q.size(2), q.size(3));
        });
  }

  /** In the type that attention is computed in. */
  private Tensor core(Tensor x) {
    return tuned ? x.to(ScalarType.Float) : x;
  }

  /** [B,C,H,W] as [B,heads,H W,C / heads]. */
  private Tensor heads(Tensor x, int heads) {
    long b = x.size(0);
    long width = x.size(1) / heads;
    return weights.format == MemoryFormat.ChannelsLast
        ? x.permute(0, 2, 3, 1).reshape(b, -1, heads, width).transpose(1, 2)
        : x.reshape(b, heads, width, -1).transpose(2, 3);
  }

  /** The sinusoid of Ho et al., cosines first: t [B] to [B,width]. */
  Tensor sinusoid(Tensor t, int width) {
    return scoped(
        () -> {
          double step = -Math.log(10000) / (width / 2);
          Tensor i = torch.arange(new org.bytedeco.pytorch.Scalar(width / 2));
          Tensor frequencies =
              i.to(ScalarType.Double).mul(new org.bytedeco.pytorch.Scalar(step)).exp();
          Tensor angles = torch.outer(t.to(ScalarType.Double), frequencies);
          return cast(
              torch.cat(new org.bytedeco.pytorch.TensorVector(angles.cos(), angles.sin()), 1));
        });
  }
}
