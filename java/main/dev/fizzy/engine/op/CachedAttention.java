package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Causal {@link Attention} of one new token in each sequence, to itself and to those before it,
 * whose keys and values are in a cache. The new token's are added to it.
 *
 * @param qkv of the new tokens, queries, keys and values side by side: [B,1,3 C]; C = heads D
 * @param position the new tokens' place in their sequences, I32 [1], from 0; those before it were
 *     computed before
 * @param cache keys and values [B,T,2 C], an input of the graph, updated in place; T at most 4096
 * @param y [B,1,C]
 */
public record CachedAttention(Tensor qkv, Tensor position, Tensor cache, int heads, Tensor y)
    implements Operation {
  public static Tensor of(Tensor qkv, Tensor position, Tensor cache, int heads) {
    int b = qkv.dim(0);
    if (qkv.rank() != 3 || qkv.dim(1) != 1 || heads < 1 || qkv.dim(2) % (3 * heads) != 0) {
      throw new EngineException(
          "cached_attention: "
              + qkv
              + " is not one token's queries, keys and values of "
              + heads
              + " heads");
    }
    int c = qkv.dim(2) / 3;
    boolean fits = cache.rank() == 3 && cache.dim(0) == b && cache.dim(2) == 2 * c;
    if (!fits || cache.role() != Role.INPUT || cache.type() != qkv.type()) {
      throw new EngineException(
          "cached_attention: the cache is updated in place, so it must be an input [B,T,"
              + 2 * c
              + "] of the type of "
              + qkv
              + ", not "
              + cache);
    }
    if (position.type() != DType.I32 || position.elements() != 1) {
      throw new EngineException("cached_attention: position must be I32 [1], not " + position);
    }
    List<Tensor> from = List.of(qkv, position, cache);
    Tensor y = qkv.graph().local("cached_attention", qkv.type(), from, b, 1, c);
    return qkv.graph().record(new CachedAttention(qkv, position, cache, heads, y)).y;
  }

  /** Channels of a head, D. */
  public int width() {
    return y.dim(2) / heads;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(qkv, position, cache);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  /** Of the last position, which reads the whole cache. */
  @Override
  public long flops() {
    return 4 * y.elements() * cache.dim(1);
  }
}
