package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * {@link Linear} in integers: x is rounded to u8, w to s8 with a scale for each of its rows. For
 * inference only, without gradient.
 *
 * @param x [..., K], BF16
 * @param reach how far x reaches below and above zero, f32 [2]; values beyond are cut off, and NaN
 *     becomes the lowest value
 * @param w [N, K], f32, or [N, K, 1, 1]
 * @param bias [N], f32, or null
 * @param residual as y, or null
 * @param y [..., N], BF16
 */
public record QuantizedLinear(
    Tensor x, Tensor reach, Tensor w, Tensor bias, Tensor residual, Tensor y) implements Operation {
  public static Tensor of(Tensor x, Tensor reach, Tensor w, Tensor bias, Tensor residual) {
    boolean matrix = w.elements() == (long) w.dim(0) * w.dim(1);
    if (w.type() != DType.F32 || !matrix || w.dim(1) != x.dim(-1)) {
      throw new EngineException("quantized_linear: weights " + w + " do not fit " + x);
    }
    int[] shape = x.shape();
    shape[shape.length - 1] = w.dim(0);
    List<Tensor> from = Operation.present(x, reach, w, bias, residual);
    Tensor y = x.graph().local("quantized_linear", x.type(), from, shape);
    check("quantized_linear", x, reach, bias, residual, y);
    return x.graph().record(new QuantizedLinear(x, reach, w, bias, residual, y)).y;
  }

  static void check(String name, Tensor x, Tensor reach, Tensor bias, Tensor residual, Tensor y) {
    if (x.type() != DType.BF16 || reach.type() != DType.F32 || reach.elements() != 2) {
      throw new EngineException(name + ": inputs " + x + " are not BF16 with a reach, " + reach);
    }
    Convolution.checkEpilogue(name, bias, residual, y);
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, reach, w, bias, residual);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * x.rows() * w.elements();
  }

  @Override
  public boolean multipliesIntegers() {
    return true;
  }

  @Override
  public int inPlace() {
    return residual == null ? -1 : inputs().size() - 1;
  }
}
