package dev.fizzy.diffusion;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Reshape;

/** Operations with a factor a row of a batch, as matrix products. */
final class Rows {
  private Rows() {}

  /**
   * Each row times its factor.
   *
   * @param x f32 [B,...]
   * @param factors f32 [B]
   */
  static Tensor scaled(Tensor x, Tensor factors) {
    int b = x.dim(0);
    int n = Math.toIntExact(x.elements() / b);
    Tensor each = Reshape.of(factors, b, 1, 1);
    Tensor y = MatMul.of(each, Reshape.of(x, b, 1, n), false, false, 1);
    return Reshape.of(y, x.shape());
  }
}
