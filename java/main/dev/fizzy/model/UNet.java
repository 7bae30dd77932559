package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.AddRow;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.TimestepEmbedding;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.nn.Layer;
import dev.fizzy.nn.PixelShuffle;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The identity-conditioned denoiser of IDiff-Face (Boutros et al., ICCV 2023): a U-Net with
 * residual blocks modulated by the timestep, and attention blocks over the image and the identity.
 * Parameter names are those of the published state dict. Letters: B batch, C channels, T channels
 * of the time embedding.
 *
 * <p>In INT8 most layers {@link Layer#quantizing quantize}: not the first and the last, shortcuts,
 * which read the sum of all layers before them, layers that change the resolution, nor products of
 * embeddings.
 */
public final class UNet implements Denoiser {
  private static final double EPS = 1e-5;
  private static final double GUIDANCE_SCALE = 10;

  private final UNetConfig config;
  private final Layer root;
  private final boolean injected;

  public UNet(Graph graph, UNetConfig config) {
    this(graph, config, "");
  }

  /** A U-Net whose parameters have names under {@code path}. */
  public UNet(Graph graph, UNetConfig config, String path) {
    this(new Layer(graph, path), config);
  }

  /** A U-Net whose parameters are declared under a layer, which may be frozen. */
  public UNet(Layer root, UNetConfig config) {
    this(root, config, false);
  }

  private UNet(Layer root, UNetConfig config, boolean injected) {
    this.config = config;
    this.root = root;
    this.injected = injected;
  }

  @Override
  public UNet injected() {
    return new UNet(root, config, true);
  }

  @Override
  public boolean conditional() {
    return config.conditional();
  }

  @Override
  public boolean guided() {
    return config.guidance() != null;
  }

  /**
   * What the network is given for a guidance weight. The slowest sinusoids of its embedding are
   * nearly linear over the usual range of 1 to 5, the fastest have a period of .6.
   */
  public static float guidanceInput(double weight) {
    return (float) (GUIDANCE_SCALE * weight);
  }

  @Override
  public boolean hasEmptyContext() {
    return config.learnedEmptyContext();
  }

  /**
   * The context that every block reads: [B, contextWidth] to [B, contextChannels]. Identities are
   * unit vectors, so the weights are initialized as for a fan-in of one; with the usual
   * initialization the biases would be 22 times as large as the identity.
   */
  @Override
  public Tensor embedContext(Tensor identity) {
    Layer embedding = root.at("context_emb");
    embedding.parameter("weight", Init.fanIn(1), config.contextChannels(), config.contextWidth());
    return embedding.linear(identity, config.contextChannels());
  }

  @Override
  public Tensor emptyContext() {
    return hasEmptyContext()
        ? root.parameter("empty_context_embedding", Init.normal(1), config.contextChannels())
        : null;
  }

  @Override
  public Tensor predict(Tensor x, Times times, Tensor context) {
    if (guided() != (times.guidance() != null)) {
      throw new EngineException("a U-Net takes the guidance weight as its configuration says");
    }
    Time time = new Time(timeEmbedding(times.t(), times.guidance()), times.step());
    Tensor patches = PixelShuffle.toChannels(x, config.patch());
    Tensor h = root.at("image_proj").convolution(patches, config.baseChannels(), 3);
    Deque<Tensor> skips = new ArrayDeque<>();
    skips.push(h);
    int levels = config.multipliers().size();
    int width = config.baseChannels();
    int i = 0;
    for (int level = 0; level < levels; level++) {
      width *= config.multipliers().get(level);
      for (int block = 0; block < config.blocks(); block++) {
        h = block(root.at("down").at(i++), h, width, time, context, config.attention().get(level));
        skips.push(h);
      }
      if (level < levels - 1) {
        Layer down = root.at("down").at(i++).at("conv");
        h = down.convolution(h, width, 3, 2, Padding.same(1), null);
        skips.push(h);
      }
    }
    h = residual(root.at("middle.res1"), h, width, time, context);
    h = attention(root.at("middle.attn"), h, context);
    h = residual(root.at("middle.res2"), h, width, time, context);
    i = 0;
    for (int level = levels - 1; level >= 0; level--) {
      for (int block = 0; block <= config.blocks(); block++) {
        if (block == config.blocks()) {
          width /= config.multipliers().get(level);
        }
        Tensor joined = Concat.of(h, skips.pop());
        h =
            block(
                root.at("up").at(i++), joined, width, time, context, config.attention().get(level));
      }
      if (level > 0) {
        h = root.at("up").at(i++).at("conv").upConvolution(h);
      }
    }
    h = root.at("norm").groupNorm(h, config.groups(), EPS, true);
    h = root.at("final").zeroConvolution(h, patches.dim(-1), 3, null);
    return PixelShuffle.toPixels(h, config.patch());
  }

  /**
   * SiLU of the time embedding, [B,T]. Every block begins with this SiLU, so it is computed once.
   * The guidance weight is embedded as the time is and added to its first layer, with zeros at
   * first, so that a student starts as its teacher.
   */
  private Tensor timeEmbedding(Tensor t, Tensor guidance) {
    int width = config.timeChannels();
    Tensor first = root.at("time_emb.lin1").linear(TimestepEmbedding.of(t, width / 4), width);
    if (guidance != null) {
      Layer weight = root.at("guidance_emb");
      weight.parameter("weight", Init.ZEROS, width, width / 4);
      weight.parameter("bias", Init.ZEROS, width);
      first = weight.linear(TimestepEmbedding.of(guidance, width / 4), width, first);
    }
    Tensor hidden = Activation.silu(first);
    return Activation.silu(root.at("time_emb.lin2").linear(hidden, width));
  }

  /**
   * @param embedding SiLU of the time embedding, [B,T], [1,T] for the whole batch, or [steps,T]
   * @param step I32 [1], the row of the embedding for the whole batch; null for the first two
   */
  private record Time(Tensor embedding, Tensor step) {}

  private Tensor block(Layer at, Tensor x, int width, Time time, Tensor context, boolean attends) {
    Tensor h = residual(at.at("res"), x, width, time, context);
    return attends ? attention(at.at("attn"), h, context) : h;
  }

  /**
   * A residual block: x [B,H,W,C] to [B,H,W,width].
   *
   * @param time SiLU of the time embedding, [B or 1,T]
   * @param context [B,contextChannels], used only by ADAPTIVE_GROUP_NORM
   */
  public Tensor residual(Layer at, Tensor x, int width, Tensor time, Tensor context) {
    return residual(at, x, width, new Time(time, null), context);
  }

  private Tensor residual(Layer at, Tensor x, int width, Time time, Tensor context) {
    Tensor h = at.at("norm1").groupNorm(x, config.groups(), EPS, true);
    h = at.at("conv1").quantizing().convolution(h, width, 3);
    Tensor emb = at.at("time_emb.1").linear(time.embedding, width);
    Tensor row = time.step;
    if (config.conditioning() == UNetConfig.Conditioning.ADAPTIVE_GROUP_NORM) {
      Tensor own = at.at("context_emb.1").linear(Activation.silu(context), width);
      emb = row == null ? Add.of(own, emb) : AddRow.of(own, emb, row);
      row = null; // a row for each image
    }
    Tensor scale = at.at("scale_emb").linear(emb, width);
    Tensor shift = at.at("shift_emb").linear(emb, width);
    h = at.at("norm2.norm").adaptiveGroupNorm(h, scale, shift, row, config.groups(), EPS);
    Tensor shortcut = x.dim(-1) == width ? x : at.at("shortcut").convolution(x, width, 1);
    return at.at("conv2").quantizing().zeroConvolution(h, width, 3, shortcut);
  }

  /**
   * The attention block of the configuration's conditioning; x [B,H,W,C], context
   * [B,contextChannels].
   */
  public Tensor attention(Layer at, Tensor x, Tensor context) {
    return config.crossAttends() ? crossAttention(at, x, context) : selfAttention(at, x);
  }

  /** The attention block of the adaptive variant: only self-attention. */
  private Tensor selfAttention(Layer at, Tensor x) {
    int c = x.dim(-1);
    Layer attend = at.at("attention").quantizing();
    Tensor h = at.at("norm").groupNorm(x, config.groups(), EPS, false);
    Tensor qkv = attend.pointwise(h, c, null, "to_q", "to_k", "to_v");
    return attend.pointwise(self(qkv, c / config.headChannels()), c, x, "proj_out");
  }

  /**
   * Self-attention, cross-attention to the identity's tokens and a feed-forward layer, each with a
   * residual and each after the same group norm.
   */
  private Tensor crossAttention(Layer at, Tensor x, Tensor context) {
    int c = x.dim(-1);
    int heads = c / config.headChannels();
    Tensor h = at.at("x_proj_in").quantizing().convolution(x, c, 1);

    Layer self = at.at("self_attention").quantizing();
    Tensor qkv = self.pointwise(norm(at, h), c, null, "to_q", "to_k", "to_v");
    h = self.pointwise(self(qkv, heads), c, h, "proj_out");

    Layer cross = at.at("cross_attention");
    Tensor q = cross.quantizing().pointwise(norm(at, h), c, null, "to_q");
    Tensor kv = cross.pointwise(tokens(at, context), c, null, "to_k", "to_v");
    h = cross.quantizing().pointwise(Attention.cross(q, kv, heads), c, h, "proj_out");

    Tensor wide = Activation.gelu(at.at("ff.0").quantizing().linear(norm(at, h), 4 * c));
    h = at.at("ff.2").quantizing().linear(wide, c, h);
    return at.at("x_proj_out").quantizing().zeroConvolution(h, c, 1, x);
  }

  private Tensor self(Tensor qkv, int heads) {
    return injected ? InjectedAttention.self(qkv, heads) : Attention.self(qkv, heads);
  }

  private Tensor norm(Layer at, Tensor h) {
    return at.at("x_norm").groupNorm(h, config.groups(), EPS, false);
  }

  /** The context as tokens: [B,W] to [B,tokens,W]. The published layout is channel first. */
  private Tensor tokens(Layer at, Tensor context) {
    int width = config.contextChannels();
    int tokens = config.contextTokens();
    Tensor c = at.at("c_proj_in").linear(context, width * tokens);
    c = Transpose.of(Reshape.of(c, context.dim(0), width, tokens));
    return at.at("c_norm").groupNorm(c, config.groups(), EPS, false);
  }
}
