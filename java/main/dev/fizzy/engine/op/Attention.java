package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Scaled dot-product attention, y = softmax(q k^T / sqrt(D)) v in each head (Vaswani et al. 2017),
 * without storing the scores of all tokens (Dao 2023, FlashAttention-2).
 *
 * @param q queries [B, T.., C]; if {@code kv} is null, queries, keys and values side by side [B,
 *     T.., 3 C]. C = heads D; the channels of a head are adjacent
 * @param kv keys and values side by side [B, S, 2 C], or null for self-attention
 * @param y [B, T.., C]
 * @param logSumExp f32 [B, heads, T]: the logarithm of each softmax's denominator, kept for the
 *     gradient
 * @param causal whether token i attends to the tokens 0 to i alone
 */
public record Attention(Tensor q, Tensor kv, int heads, Tensor y, Tensor logSumExp, boolean causal)
    implements Operation {

  /**
   * Every token attends to every token.
   *
   * @param qkv [B, T, 3 C] or [B, H, W, 3 C]: the columns are q, then k, then v
   * @return [B, T, C] or [B, H, W, C]
   */
  public static Tensor self(Tensor qkv, int heads) {
    return self(qkv, heads, false);
  }

  /** As {@link #self}, but each token attends to those up to itself alone. */
  public static Tensor causal(Tensor qkv, int heads) {
    return self(qkv, heads, true);
  }

  private static Tensor self(Tensor qkv, int heads, boolean causal) {
    if (qkv.rank() < 3 || heads < 1 || qkv.dim(-1) % (3 * heads) != 0) {
      throw new EngineException(
          "attention: "
              + qkv
              + " cannot be split into queries, keys and values of "
              + heads
              + " heads");
    }
    return record(qkv, null, heads, qkv.dim(-1) / 3, causal);
  }

  /**
   * Every token attends to every token of a context.
   *
   * @param q [B, T.., C]
   * @param kv [B, S, 2 C]: the columns are k, then v
   * @return [B, T.., C]
   */
  public static Tensor cross(Tensor q, Tensor kv, int heads) {
    int channels = q.dim(-1);
    if (q.rank() < 3
        || kv.rank() != 3
        || heads < 1
        || channels % heads != 0
        || kv.dim(-1) != 2 * channels
        || kv.dim(0) != q.dim(0)
        || kv.type() != q.type()) {
      throw new EngineException(
          "attention: queries " + q + " and keys and values " + kv + " in " + heads + " heads");
    }
    return record(q, kv, heads, channels, false);
  }

  private static Tensor record(Tensor q, Tensor kv, int heads, int channels, boolean causal) {
    List<Tensor> from = kv == null ? List.of(q) : List.of(q, kv);
    int[] shape = q.shape();
    shape[shape.length - 1] = channels;
    Tensor y = q.graph().local("attention", q.type(), from, shape);
    Tensor logSumExp =
        q.graph().local("log_sum_exp", DType.F32, from, q.dim(0), heads, q.rows() / q.dim(0));
    return q.graph().record(new Attention(q, kv, heads, y, logSumExp, causal)).y;
  }

  /** Images or sequences, B. */
  public int batch() {
    return y.dim(0);
  }

  /** Query tokens, T. */
  public int queries() {
    return logSumExp.dim(2);
  }

  /** Key tokens, S. */
  public int keys() {
    return kv == null ? queries() : kv.dim(1);
  }

  /** Channels of a head, D. */
  public int width() {
    return y.dim(-1) / heads;
  }

  /** Pairs of a query and a key of a sequence that are not masked, each {@code times}. */
  private long pairs(long times) {
    long t = queries();
    return times * y.elements() / t * (causal ? t * (t + 1) / 2 : t * keys());
  }

  @Override
  public List<Tensor> inputs() {
    return kv == null ? List.of(q) : List.of(q, kv);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y, logSumExp);
  }

  @Override
  public long flops() {
    return pairs(4);
  }

  @Override
  public void gradient(Gradients gradients) {
    Tensor dq = gradients.targetOrUnused(q);
    Tensor dkv = gradients.targetOrUnused(kv);
    q.graph().record(new Backward(this, gradients.of(y), dq, dkv));
    gradients.wrote(q, dq);
    gradients.wrote(kv, dkv);
  }

  /**
   * The gradients of queries, keys and values; the softmax is recomputed from its stored
   * denominator.
   *
   * @param dy [B, T.., C]
   * @param dq as {@code forward.q()}: for self-attention the gradients of all three
   * @param dkv as {@code forward.kv()}, null for self-attention
   */
  public record Backward(Attention forward, Tensor dy, Tensor dq, Tensor dkv) implements Operation {
    @Override
    public List<Tensor> inputs() {
      return forward.kv == null
          ? List.of(forward.q, forward.y, forward.logSumExp, dy)
          : List.of(forward.q, forward.kv, forward.y, forward.logSumExp, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return dkv == null ? List.of(dq) : List.of(dq, dkv);
    }

    @Override
    public long flops() {
      return forward.pairs(10);
    }
  }
}
