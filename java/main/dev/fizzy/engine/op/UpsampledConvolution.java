package dev.fizzy.engine.op;

import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * A 3x3 convolution of an upsampled image, computed from the small one. No network records it: a
 * plan for inference puts it in place of an {@link Upsample} and the {@link Convolution} after it.
 * Weights that meet in one pixel of the small image are summed in f32 before they are rounded, so
 * results differ from those of the two operations by rounding.
 *
 * @param x [B, H, W, Cin]
 * @param w [Cout, Cin, 3, 3], f32
 * @param bias [Cout], f32, or null
 * @param y [B, 2H, 2W, Cout]
 */
public record UpsampledConvolution(Tensor x, Tensor w, Tensor bias, Tensor y) implements Operation {
  /**
   * Products with each pixel of x: the four pixels of y that it became, 2x2 summed weights each.
   */
  private static final int TAPS = 16;

  /** The two operations as one; null if the convolution is of another kind. */
  public static UpsampledConvolution of(Upsample upsample, Convolution convolution) {
    boolean fits =
        convolution.x() == upsample.y()
            && convolution.w().dim(2) == 3
            && convolution.w().stage() == Stage.MODEL
            && convolution.stride() == 1
            && convolution.padding().equals(Convolution.Padding.same(1))
            && convolution.residual() == null
            && convolution.slope() == null;
    return fits
        ? new UpsampledConvolution(
            upsample.x(), convolution.w(), convolution.bias(), convolution.y())
        : null;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, w, bias);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return 2L * x.rows() * TAPS * w.dim(0) * w.dim(1);
  }
}
