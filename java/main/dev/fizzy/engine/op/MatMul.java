package dev.fizzy.engine.op;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * y = scale a b, one product per batch element.
 *
 * @param a [B, M, K], or [B, K, M] when transposed
 * @param b [B, K, N], or [B, N, K] when transposed
 * @param y [B, M, N]
 */
public record MatMul(
    Tensor a, Tensor b, boolean transposeA, boolean transposeB, float scale, Tensor y)
    implements Operation {
  public static Tensor of(Tensor a, Tensor b, boolean transposeA, boolean transposeB, float scale) {
    if (a.rank() != 3 || b.rank() != 3) {
      throw new EngineException("matmul: " + a + " and " + b + " are not batches of matrices");
    }
    int m = a.dim(transposeA ? -1 : -2);
    int n = b.dim(transposeB ? -2 : -1);
    Tensor y = a.graph().local("matmul", a.type(), List.of(a, b), a.dim(0), m, n);
    return into(a, b, transposeA, transposeB, scale, y);
  }

  private static Tensor into(
      Tensor a, Tensor b, boolean transposeA, boolean transposeB, float scale, Tensor y) {
    if (a.dim(0) != b.dim(0)
        || a.type() != b.type()
        || a.dim(transposeA ? 1 : 2) != b.dim(transposeB ? 2 : 1)) {
      throw new EngineException(
          "matmul: "
              + a
              + (transposeA ? " transposed" : "")
              + " and "
              + b
              + (transposeB ? " transposed" : "")
              + " cannot be multiplied");
    }
    return a.graph().record(new MatMul(a, b, transposeA, transposeB, scale, y)).y;
  }

  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(a, b);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * y.elements() * a.dim(transposeA ? 1 : 2);
  }

  /** With A = op(a) and B = op(b): dA = scale dy B^T and dB = scale A^T dy. */
  @Override
  public void gradient(Gradients gradients) {
    Tensor dy = gradients.of(y);
    gradients.write(
        a,
        da -> {
          if (transposeA) {
            into(b, dy, transposeB, true, scale, da);
          } else {
            into(dy, b, false, !transposeB, scale, da);
          }
        });
    gradients.write(
        b,
        db -> {
          if (transposeB) {
            into(dy, a, true, transposeA, scale, db);
          } else {
            into(a, dy, !transposeA, false, scale, db);
          }
        });
  }
}
