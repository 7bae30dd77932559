package dev.fizzy.model;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Duplicate;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Split;

/**
 * Self-attention in which the images with a context, the first half of the batch, have the
 * attention maps of the same images with the empty context, the second half (UIFace, ICLR 2025). A
 * map is softmax(q k^T / sqrt(D)), so it is enough to give the first half the queries and keys of
 * the second.
 */
final class InjectedAttention {
  private InjectedAttention() {}

  /**
   * @param qkv queries, keys and values side by side [2B,T..,3C]
   * @return [2B,T..,C]
   */
  static Tensor self(Tensor qkv, int heads) {
    Split columns = Split.of(qkv, qkv.dim(-1) / 3 * 2);
    int[] shape = columns.a().shape();
    shape[0] /= 2;
    int half = Math.toIntExact(columns.a().elements() / 2);
    Tensor flat = Reshape.of(columns.a(), 1, 2 * half);
    Tensor second = Reshape.of(Split.of(flat, half).b(), shape);
    return Attention.self(Concat.of(Duplicate.of(second), columns.b()), heads);
  }
}
