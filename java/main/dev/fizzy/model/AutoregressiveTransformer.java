package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Broadcast;
import dev.fizzy.engine.op.CachedAttention;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.nn.Layer;

/**
 * A transformer that predicts the codes of an image one after the other, row by row (VQ-GAN, Esser
 * et al., CVPR 2021): the token of a position is the code before it, and attends to the tokens up
 * to itself. A code enters as its vector in the codebook; rows and columns have learned embeddings.
 * The context is the condition of {@link AdaptiveBlocks}. Letters: B batch, T tokens, F features of
 * a token, C width, N codes.
 */
public final class AutoregressiveTransformer {
  private final AutoregressiveConfig config;
  private final Layer root;

  public AutoregressiveTransformer(Graph graph, AutoregressiveConfig config) {
    this.config = config;
    this.root = new Layer(graph, "");
  }

  /** The context that the network computes with: [B, contextInput] to [B,C]. */
  public Tensor embedContext(Tensor identity) {
    Layer embedding = root.at("context_emb");
    embedding.parameter("weight", Init.fanIn(1), config.width(), config.contextInput());
    return embedding.linear(identity, config.width());
  }

  /** The learned context for "no identity", [C]. */
  public Tensor emptyContext() {
    return root.parameter("empty_context_embedding", Init.normal(1), config.width());
  }

  /** {@link #emptyContext()} for each of {@code rows} images: [rows,C]. */
  public Tensor emptyContext(int rows) {
    return Broadcast.of(emptyContext(), rows);
  }

  /**
   * Predicts all codes of images from the codes before each.
   *
   * @param tokens features [B,T,F], see {@link CodeTokens}
   * @param context [B,C]; null without conditioning
   * @return logits, f32 [B T, N]
   */
  public Tensor logits(Tensor tokens, Tensor context) {
    int heads = config.width() / config.headChannels();
    return logits(tokens, context, (qkv, block) -> Attention.causal(qkv, heads));
  }

  /**
   * Predicts one code of each image, with the keys and values that the positions before it have
   * left in the graph's inputs {@code cache.0} and so on.
   *
   * @param tokens features of the position's token [B,F]
   * @param position I32 [1]
   * @param context [B,C]; null without conditioning
   * @return logits, f32 [B,N]
   */
  public Tensor next(Tensor tokens, Tensor position, Tensor context) {
    int b = tokens.dim(0);
    int heads = config.width() / config.headChannels();
    Graph g = tokens.graph();
    return logits(
        Reshape.of(tokens, b, 1, config.features()),
        context,
        (qkv, block) -> {
          int[] shape = {b, config.tokens(), 2 * config.width()};
          Tensor cache = g.input("cache." + block, g.compute(), Stage.EVALUATION, shape);
          return CachedAttention.of(qkv, position, cache, heads);
        });
  }

  /** The same learned vector for every image, [B,C]. */
  private Tensor constant(Tensor tokens) {
    Tensor one = AdaptiveBlocks.ones(tokens, tokens.dim(0), 1);
    return root.at("context_emb").linear(one, config.width());
  }

  private interface BlockAttention {
    Tensor of(Tensor qkv, int block);
  }

  private Tensor logits(Tensor tokens, Tensor context, BlockAttention attention) {
    Tensor h = root.at("x_emb").linear(tokens, config.width());
    Tensor given = context == null ? constant(tokens) : context;
    AdaptiveBlocks blocks = new AdaptiveBlocks(config.width(), Activation.silu(given));
    for (int i = 0; i < config.depth(); i++) {
      int block = i;
      h = blocks.block(root.at("blocks").at(i), h, qkv -> attention.of(qkv, block));
    }
    h = blocks.modulated(root.at("final"), "norm", h);
    Layer last = root.at("final.linear");
    last.parameter("weight", Init.ZEROS, config.codes(), config.width());
    last.parameter("bias", Init.ZEROS, config.codes());
    Tensor logits = Cast.of(last.linear(h, config.codes()), DType.F32);
    return Reshape.of(logits, h.dim(0) * h.dim(1), config.codes());
  }
}
