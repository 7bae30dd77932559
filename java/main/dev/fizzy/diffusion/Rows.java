package dev.fizzy.diffusion;

import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Split;

/** Operations on the rows of a batch [B,...]. */
public final class Rows {
  private Rows() {}

  /**
   * Each row times its factor.
   *
   * @param x f32 [B,...]
   * @param factors f32 [B]
   */
  static Tensor scaled(Tensor x, Tensor factors) {
    int b = x.dim(0);
    Tensor each = Reshape.of(factors, b, 1, 1);
    Tensor y = MatMul.of(each, Reshape.of(x, b, 1, width(x)), false, false, 1);
    return Reshape.of(y, x.shape());
  }

  /** The first {@code n} rows. */
  static Tensor first(Tensor x, int n) {
    if (n == x.dim(0)) {
      return x;
    }
    int[] shape = x.shape();
    shape[0] = n;
    Tensor flat = Reshape.of(x, 1, Math.toIntExact(x.elements()));
    return Reshape.of(Split.of(flat, n * width(x)).a(), shape);
  }

  /**
   * The rows of a, then those of b.
   *
   * @param a [B,...]
   * @param b [B,...]
   * @return [2B,...]
   */
  public static Tensor stacked(Tensor a, Tensor b) {
    int n = Math.toIntExact(a.elements());
    int[] shape = a.shape();
    shape[0] = 2 * a.dim(0);
    return Reshape.of(Concat.of(Reshape.of(a, 1, n), Reshape.of(b, 1, n)), shape);
  }

  /** Row by row a and b: [B,2,N]. */
  static Tensor pairs(Tensor a, Tensor b) {
    int n = width(a);
    int rows = a.dim(0);
    Tensor joined = Concat.of(Reshape.of(a, rows, n), Reshape.of(b, rows, n));
    return Reshape.of(joined, rows, 2, n);
  }

  private static int width(Tensor x) {
    return Math.toIntExact(x.elements() / x.dim(0));
  }
}
