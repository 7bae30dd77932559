package dev.fizzy.nn;

import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.image.Resampler;

/**
 * Resizing as products with constant matrices, rows first, differentiable. A matrix has the weights
 * of {@link Resampler}: bilinear when enlarging; when shrinking every pixel contributes.
 */
public final class Resizing {
  private Resizing() {}

  /** Squares x [B,S,S,C] as [B,size,size,C]; x itself where it has the size. */
  public static Tensor of(Tensor x, int size, String name) {
    if (x.dim(1) == size) {
      return x;
    }
    float[] matrix = Resampler.matrix(x.dim(1), size);
    return columns(rows(x, matrix, name), matrix, name);
  }

  /**
   * Multiplies the columns of each image by a matrix.
   *
   * @param x [B,H,W,C]
   * @param matrix [n,H]
   * @param name begins the name of the constant
   * @return [B,n,W,C]
   */
  public static Tensor rows(Tensor x, float[] matrix, String name) {
    Tensor flat = Reshape.of(x, x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
    Tensor y = product(flat, matrix, name);
    return Reshape.of(y, x.dim(0), y.dim(1), x.dim(2), x.dim(3));
  }

  /**
   * Multiplies the rows of each image by a matrix.
   *
   * @param x [B,H,W,C]
   * @param matrix [n,W]
   * @param name begins the name of the constant
   * @return [B,H,n,C]
   */
  public static Tensor columns(Tensor x, float[] matrix, String name) {
    Tensor flat = Reshape.of(x, x.dim(0) * x.dim(1), x.dim(2), x.dim(3));
    Tensor y = product(flat, matrix, name);
    return Reshape.of(y, x.dim(0), x.dim(1), y.dim(1), x.dim(3));
  }

  /** x [B,K,C] to [B,n,C]. */
  private static Tensor product(Tensor x, float[] matrix, String name) {
    int k = x.dim(1);
    int n = matrix.length / k;
    Parameter constant = Parameter.constant(name + ".resize" + k + "to" + n, matrix, n, k);
    Tensor w = x.graph().parameter(constant);
    return Transpose.of(Linear.of(Transpose.of(x), w, null, null));
  }
}
