package dev.fizzy.model;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.AddRow;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.TimestepEmbedding;
import dev.fizzy.nn.Layer;
import dev.fizzy.nn.PixelShuffle;

/**
 * A diffusion transformer (DiT, Peebles and Xie, ICCV 2023): patches of the latents are tokens with
 * learned positions; time and context are the condition of {@link AdaptiveBlocks}. Letters: B
 * batch, T tokens, C width.
 */
public final class DiffusionTransformer implements Denoiser {
  private static final double POSITION_DEVIATION = .02;

  private final DiffusionTransformerConfig config;
  private final Layer root;

  /** A transformer whose parameters have names under {@code path}. */
  public DiffusionTransformer(Graph graph, DiffusionTransformerConfig config, String path) {
    this.config = config;
    this.root = new Layer(graph, path);
  }

  @Override
  public boolean conditional() {
    return config.conditional();
  }

  @Override
  public boolean hasEmptyContext() {
    return config.learnedEmptyContext();
  }

  @Override
  public Tensor embedContext(Tensor identity) {
    Layer embedding = root.at("context_emb");
    embedding.parameter("weight", Init.fanIn(1), config.width(), config.contextWidth());
    return embedding.linear(identity, config.width());
  }

  @Override
  public Tensor emptyContext() {
    return hasEmptyContext()
        ? root.parameter("empty_context_embedding", Init.normal(1), config.width())
        : null;
  }

  @Override
  public Tensor predict(Tensor x, Times times, Tensor context) {
    Tensor patches = PixelShuffle.toChannels(x, config.patch());
    int[] shape = patches.shape();
    Tensor tokens = Reshape.of(patches, x.dim(0), config.tokens(), patches.dim(-1));
    Tensor h = root.at("x_emb").linear(tokens, config.width(), positions(x));
    AdaptiveBlocks blocks = new AdaptiveBlocks(config.width(), condition(x.dim(0), times, context));
    int heads = config.width() / config.headChannels();
    for (int i = 0; i < config.depth(); i++) {
      h = blocks.block(root.at("blocks").at(i), h, qkv -> Attention.self(qkv, heads));
    }
    h = blocks.modulated(root.at("final"), "norm", h);
    Layer last = root.at("final.linear");
    last.parameter("weight", Init.ZEROS, patches.dim(-1), config.width());
    last.parameter("bias", Init.ZEROS, patches.dim(-1));
    return PixelShuffle.toPixels(
        Reshape.of(last.linear(h, patches.dim(-1)), shape), config.patch());
  }

  /** The learned position of each token, for each image: [B,T,C]. */
  private Tensor positions(Tensor x) {
    int elements = config.tokens() * config.width();
    Tensor learned = root.parameter("positions", Init.normal(POSITION_DEVIATION), elements, 1);
    Tensor each = Linear.of(AdaptiveBlocks.ones(x, x.dim(0), 1), learned, null, null);
    return Reshape.of(each, x.dim(0), config.tokens(), config.width());
  }

  /** SiLU of the sum of time embedding and context, [B,C], with which every modulation begins. */
  private Tensor condition(int batch, Times times, Tensor context) {
    int width = config.width();
    Tensor sinusoid = TimestepEmbedding.of(times.t(), width);
    Tensor hidden = Activation.silu(root.at("time_emb.lin1").linear(sinusoid, width));
    Layer last = root.at("time_emb.lin2");
    if (times.step() == null) {
      return Activation.silu(last.linear(hidden, width, context));
    }
    Tensor own = context == null ? AdaptiveBlocks.filled(0, times.t(), batch, width) : context;
    return Activation.silu(AddRow.of(own, last.linear(hidden, width), times.step()));
  }
}
