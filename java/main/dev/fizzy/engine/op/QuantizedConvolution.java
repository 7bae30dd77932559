package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * {@link Convolution} in integers, of stride 1 that keeps the size: x is rounded to u8, w to s8
 * with a scale for each output channel. For inference only, without gradient.
 *
 * @param x [B, H, W, Cin], BF16
 * @param reach how far x reaches below and above zero, f32 [2]; values beyond are cut off, and NaN
 *     becomes the lowest value
 * @param w [Cout, Cin, k, k], f32, k odd and above 1
 * @param bias [Cout], f32, or null
 * @param residual as y, or null
 * @param y [B, H, W, Cout], BF16
 */
public record QuantizedConvolution(
    Tensor x, Tensor reach, Tensor w, Tensor bias, Tensor residual, Tensor y) implements Operation {
  public static Tensor of(Tensor x, Tensor reach, Tensor w, Tensor bias, Tensor residual) {
    if (x.rank() != 4
        || w.rank() != 4
        || w.type() != DType.F32
        || w.dim(1) != x.dim(3)
        || w.dim(2) != w.dim(3)) {
      throw new EngineException("quantized_convolution: weights " + w + " do not fit " + x);
    }
    List<Tensor> from = Operation.present(x, reach, w, bias, residual);
    Tensor y =
        x.graph()
            .local("quantized_convolution", x.type(), from, x.dim(0), x.dim(1), x.dim(2), w.dim(0));
    QuantizedLinear.check("quantized_convolution", x, reach, bias, residual, y);
    return x.graph().record(new QuantizedConvolution(x, reach, w, bias, residual, y)).y;
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
    return 2L * y.rows() * w.elements();
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
