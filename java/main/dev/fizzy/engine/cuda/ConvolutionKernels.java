package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.cuda.Cudnn.Direction;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import dev.fizzy.engine.cuda.ForwardConvolution.Way;
import dev.fizzy.engine.cuda.MatrixKernels.ColumnSum;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.TransposedConvolution;
import java.util.List;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * Convolutions, their gradients, and transposed convolutions, which are the data gradient of a
 * convolution with image and result exchanged.
 */
final class ConvolutionKernels {
  private final Cudnn cudnn;
  private final Launches launches;
  private final CUstream_st stream;

  private ConvolutionKernels(Cudnn cudnn, Launches launches, CUstream_st stream) {
    this.cudnn = cudnn;
    this.launches = launches;
    this.stream = stream;
  }

  static void addTo(DeviceKernels kernels, Cudnn cudnn, CUstream_st stream) {
    Launches launches = new Launches(kernels.backend());
    ConvolutionKernels of = new ConvolutionKernels(cudnn, launches, stream);
    kernels.addWeighted(Convolution.class, of::convolution);
    kernels.addWeighted(Convolution.BackwardData.class, of::backwardData);
    kernels.add(Convolution.BackwardWeights.class, of::backwardWeights);
    kernels.addWeighted(TransposedConvolution.class, of::transposed);
    kernels.addWeighted(TransposedConvolution.BackwardData.class, of::transposedBackwardData);
    kernels.add(TransposedConvolution.BackwardWeights.class, of::transposedBackwardWeights);
  }

  /**
   * The shape of a convolution between an image and its result. If the padding after the image is
   * one pixel more than before it, as in the autoencoder, a row and a column of zeros are put
   * before the filter, which makes the padding symmetric: only symmetric padding works in all of
   * cuDNN's engines.
   */
  private static Shape shape(
      Direction direction, Tensor image, int cout, int k, int stride, Convolution.Padding p) {
    int extra = extra(p);
    return new Shape(
        direction,
        image.type(),
        image.type(),
        image.dim(0),
        image.dim(1),
        image.dim(2),
        image.dim(3),
        cout,
        k + extra,
        stride,
        p.top() + extra,
        p.left() + extra,
        p.bottom(),
        p.right(),
        false,
        false,
        false);
  }

  private static int extra(Convolution.Padding p) {
    int extra = p.bottom() - p.top();
    if (extra < 0 || extra > 1 || p.right() - p.left() != extra) {
      throw new EngineException(
          "padding "
              + p
              + " is more than one pixel wider after the image than before it,"
              + " which the GPU does not support");
    }
    return extra;
  }

  private static Shape with(Shape s, DType weights, boolean bias, boolean residual, boolean add) {
    return new Shape(
        s.direction(),
        s.type(),
        weights,
        s.batch(),
        s.height(),
        s.width(),
        s.cin(),
        s.cout(),
        s.k(),
        s.stride(),
        s.top(),
        s.left(),
        s.bottom(),
        s.right(),
        bias,
        residual,
        add);
  }

  private Kernel convolution(Convolution o, Weights weights) {
    Shape plain =
        shape(Direction.FORWARD, o.x(), o.y().dim(3), o.w().dim(2), o.stride(), o.padding());
    Kernel convolution = forward(plain, o.x(), o.w(), o.bias(), o.residual(), o.y(), weights);
    return o.slope() == null ? convolution : new PReluKernel(convolution, o, launches);
  }

  /** A convolution, followed by PReLU in place. */
  private record PReluKernel(Kernel convolution, Convolution o, Launches launches)
      implements Kernel {
    @Override
    public String implementation() {
      return convolution.implementation();
    }

    @Override
    public long scratchBytes() {
      return convolution.scratchBytes();
    }

    @Override
    public long packedBytes() {
      return convolution.packedBytes();
    }

    @Override
    public Runnable pack(Addresses at) {
      return convolution.pack(at);
    }

    @Override
    public Runnable bind(Addresses at) {
      Tensor y = o.y();
      return Launches.inOrder(
          List.of(
              convolution.bind(at),
              launches.prelu(y.type().code, at.of(y), at.f32(o.slope()), y.rows(), y.dim(3))));
    }
  }

  private Kernel transposed(TransposedConvolution o, Weights weights) {
    Convolution.Padding padding = Convolution.Padding.same(o.padding());
    Shape plain = shape(Direction.DATA, o.y(), o.x().dim(3), o.w().dim(2), o.stride(), padding);
    return forward(plain, o.x(), o.w(), o.bias(), null, o.y(), weights);
  }

  private Kernel forward(
      Shape plain, Tensor in, Tensor w, Tensor bias, Tensor residual, Tensor out, Weights weights) {
    Filter filter = new Filter(plain.type(), weights, launches, w, plain.k() - w.dim(2));
    boolean epilogue = bias != null || residual != null;
    Shape fused = with(plain, plain.type(), bias != null, residual != null, false);
    Shape accumulated = with(plain, plain.type(), false, false, true);
    Way way = Way.ALONE;
    Plan plan = null;
    if (epilogue && plain.direction() == Direction.FORWARD) {
      way = Way.FUSED;
      plan = cudnn.plan(fused);
    }
    if (epilogue && plan == null) {
      way = Way.ACCUMULATED;
      plan = cudnn.plan(accumulated);
    }
    if (plan == null) {
      way = epilogue ? Way.AFTER : Way.ALONE;
      plan = cudnn.require(plain);
    }
    Shape shape = way == Way.FUSED ? fused : plain;
    return new ForwardConvolution(
        way, plan, shape, filter, in, bias, residual, out, launches, stream);
  }

  private Kernel backwardData(Convolution.BackwardData o, Weights weights) {
    Shape plain =
        shape(Direction.DATA, o.dx(), o.dy().dim(3), o.w().dim(2), o.stride(), o.padding());
    return forward(plain, o.dy(), o.w(), null, null, o.dx(), weights);
  }

  private Kernel transposedBackwardData(TransposedConvolution.BackwardData o, Weights weights) {
    Convolution.Padding padding = Convolution.Padding.same(o.padding());
    Shape plain =
        shape(Direction.FORWARD, o.dy(), o.dx().dim(3), o.w().dim(2), o.stride(), padding);
    return forward(plain, o.dy(), o.w(), null, null, o.dx(), weights);
  }

  private Kernel backwardWeights(Convolution.BackwardWeights o) {
    Shape plain =
        shape(Direction.WEIGHTS, o.x(), o.dy().dim(3), o.dw().dim(2), o.stride(), o.padding());
    return weights(plain, o.x(), o.dy(), o.dw(), new ColumnSum(o.dy(), o.db(), launches));
  }

  /** Image and result are exchanged; the bias still belongs to the result. */
  private Kernel transposedBackwardWeights(TransposedConvolution.BackwardWeights o) {
    Convolution.Padding padding = Convolution.Padding.same(o.padding());
    Shape plain =
        shape(Direction.WEIGHTS, o.dy(), o.x().dim(3), o.dw().dim(2), o.stride(), padding);
    return weights(plain, o.dy(), o.x(), o.dw(), new ColumnSum(o.dy(), o.db(), launches));
  }

  /**
   * f32 gradients of bf16 operands if cuDNN supports them, otherwise bf16 gradients that are
   * widened.
   */
  private Kernel weights(Shape plain, Tensor image, Tensor down, Tensor dw, ColumnSum sum) {
    Plan plan = cudnn.plan(with(plain, DType.F32, false, false, false));
    DType type = plan == null ? plain.type() : DType.F32;
    if (plan == null) {
      plan = cudnn.require(plain);
    }
    return new WeightsConvolution(plan, type, plain.k(), image, down, dw, sum, launches);
  }
}
