package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Multiply;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.TimestepEmbedding;
import dev.fizzy.nn.Layer;
import dev.fizzy.nn.PixelShuffle;
import java.util.List;

/**
 * A diffusion transformer (DiT, Peebles and Xie, ICCV 2023): patches of the latents are tokens with
 * learned positions; time and context give each block's layer norms a scale and a shift, and each
 * of its two branches a gate, all of which begin at zero (adaLN-Zero). Letters: B batch, T tokens,
 * C width.
 */
public final class DiffusionTransformer implements Denoiser {
  private static final double EPS = 1e-6;
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
  public int sharedTimes(int batch) {
    return batch;
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
  public Tensor predict(Tensor x, Tensor t, Tensor context) {
    Tensor patches = PixelShuffle.toChannels(x, config.patch());
    int[] shape = patches.shape();
    Tensor tokens = Reshape.of(patches, x.dim(0), config.tokens(), patches.dim(-1));
    Tensor h = root.at("x_emb").linear(tokens, config.width(), positions(x));
    Tensor condition = condition(t, context);
    for (int i = 0; i < config.depth(); i++) {
      h = block(root.at("blocks").at(i), h, condition);
    }
    h = modulated(root.at("final"), "norm", h, condition);
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
    Tensor each = Linear.of(ones(x, x.dim(0), 1), learned, null, null);
    return Reshape.of(each, x.dim(0), config.tokens(), config.width());
  }

  /** SiLU of the sum of time embedding and context, [B,C], with which every modulation begins. */
  private Tensor condition(Tensor t, Tensor context) {
    int width = config.width();
    Tensor sinusoid = TimestepEmbedding.of(t, width);
    Tensor hidden = Activation.silu(root.at("time_emb.lin1").linear(sinusoid, width));
    return Activation.silu(root.at("time_emb.lin2").linear(hidden, width, context));
  }

  /** Self-attention and a feed-forward layer, each behind a modulated norm and before a gate. */
  private Tensor block(Layer at, Tensor x, Tensor condition) {
    int c = config.width();
    Tensor h = modulated(at, "norm1", x, condition);
    Tensor qkv = at.at("attention.qkv").linear(h, 3 * c);
    Tensor attended = Attention.self(qkv, c / config.headChannels());
    attended = at.at("attention.proj").linear(attended, c);
    Tensor y = Add.of(Multiply.of(attended, modulation(at, "gate1", condition, Init.ZEROS)), x);
    h = modulated(at, "norm2", y, condition);
    Tensor wide = Activation.gelu(at.at("ff.0").linear(h, 4 * c));
    Tensor narrow = at.at("ff.2").linear(wide, c);
    return Add.of(Multiply.of(narrow, modulation(at, "gate2", condition, Init.ZEROS)), y);
  }

  /** (1 + scale) LN(x) + shift: [B,T,C] to the same. */
  private Tensor modulated(Layer at, String norm, Tensor x, Tensor condition) {
    Tensor rows = Reshape.of(x, x.dim(0) * x.dim(1), 1, config.width());
    Tensor normal = Reshape.of(at.at(norm).groupNorm(rows, 1, EPS, false), x.shape());
    Tensor scaled = Multiply.of(normal, modulation(at, norm + ".scale", condition, Init.ONES));
    Tensor shift = modulation(at, norm + ".shift", condition, Init.ZEROS);
    Tensor each = MatMul.of(ones(x, x.dim(0), x.dim(1), 1), shift, false, false, 1);
    return Add.of(scaled, each);
  }

  /** A linear function of the condition, [B,1,C], which begins as the constant {@code bias}. */
  private Tensor modulation(Layer at, String name, Tensor condition, Init bias) {
    int c = config.width();
    Layer linear = at.at(name);
    linear.parameter("weight", Init.ZEROS, c, c);
    linear.parameter("bias", bias, c);
    return Reshape.of(linear.linear(condition, c), condition.dim(0), 1, c);
  }

  private static Tensor ones(Tensor like, int... shape) {
    Tensor y = like.graph().local("ones", DType.F32, List.of(like), shape);
    return Cast.of(like.graph().record(new Fill(y, 1)).y(), like.graph().compute());
  }
}
