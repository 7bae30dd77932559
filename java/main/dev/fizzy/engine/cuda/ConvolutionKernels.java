package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.Cudnn.Direction;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import dev.fizzy.engine.cuda.MatrixKernels.ColumnSum;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.TransposedConvolution;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

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
    kernels.addPacked(Convolution.class, of::convolution);
    kernels.add(Convolution.BackwardData.class, of::backwardData);
    kernels.add(Convolution.BackwardWeights.class, of::backwardWeights);
    kernels.addPacked(TransposedConvolution.class, of::transposed);
    kernels.add(TransposedConvolution.BackwardData.class, of::transposedBackwardData);
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

  private Kernel convolution(Convolution o, boolean packed) {
    Shape plain =
        shape(Direction.FORWARD, o.x(), o.y().dim(3), o.w().dim(2), o.stride(), o.padding());
    Kernel convolution = forward(plain, o.x(), o.w(), o.bias(), o.residual(), o.y(), packed);
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

  private Kernel transposed(TransposedConvolution o, boolean packed) {
    Convolution.Padding padding = Convolution.Padding.same(o.padding());
    Shape plain = shape(Direction.DATA, o.y(), o.x().dim(3), o.w().dim(2), o.stride(), padding);
    return forward(plain, o.x(), o.w(), o.bias(), null, o.y(), packed);
  }

  private Kernel forward(
      Shape plain, Tensor in, Tensor w, Tensor bias, Tensor residual, Tensor out, boolean packed) {
    Filter filter = new Filter(plain.type(), packed, launches, w, plain.k() - w.dim(2));
    boolean epilogue = bias != null || residual != null;
    if (epilogue && plain.direction() == Direction.FORWARD) {
      Plan fused = cudnn.plan(with(plain, plain.type(), bias != null, residual != null, false));
      if (fused != null) {
        return new ForwardKernel(
            fused, plain, filter, in, bias, residual, out, true, launches, stream);
      }
    }
    Plan split = cudnn.require(with(plain, plain.type(), false, false, epilogue));
    return new ForwardKernel(
        split, plain, filter, in, bias, residual, out, false, launches, stream);
  }

  private Kernel backwardData(Convolution.BackwardData o) {
    Shape plain =
        shape(Direction.DATA, o.dx(), o.dy().dim(3), o.w().dim(2), o.stride(), o.padding());
    return forward(plain, o.dy(), o.w(), null, null, o.dx(), false);
  }

  private Kernel transposedBackwardData(TransposedConvolution.BackwardData o) {
    Convolution.Padding padding = Convolution.Padding.same(o.padding());
    Shape plain =
        shape(Direction.FORWARD, o.dy(), o.dx().dim(3), o.w().dim(2), o.stride(), padding);
    return forward(plain, o.dy(), o.w(), null, null, o.dx(), false);
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
    return new WeightsKernel(plan, type, plain.k(), image, down, dw, sum, launches);
  }

  /**
   * Computes y from x and weights. If fused, cuDNN adds bias and residual; otherwise y is
   * initialized with their sum, and the convolution is added to it.
   */
  private record ForwardKernel(
      Plan plan,
      Shape shape,
      Filter filter,
      Tensor in,
      Tensor bias,
      Tensor residual,
      Tensor out,
      boolean fused,
      Launches launches,
      CUstream_st stream)
      implements Kernel {
    @Override
    public String implementation() {
      return fused ? "cuDNN, bias and residual fused" : "cuDNN";
    }

    @Override
    public long packedBytes() {
      return filter.packedBytes();
    }

    /** Initializing y with both bias and residual needs scratch for one of them. */
    private long beforeBytes() {
      return fused || bias == null || residual == null ? 0 : Filter.round(out.bytes());
    }

    @Override
    public long scratchBytes() {
      return filter.scratchBytes() + beforeBytes() + plan.workspaceBytes();
    }

    @Override
    public Runnable pack(Addresses at) {
      return filter.packedBytes() == 0 ? null : filter.lay(at);
    }

    @Override
    public Runnable bind(Addresses at) {
      Runnable lay = filter.isCopied() && filter.packedBytes() == 0 ? filter.lay(at) : null;
      Pointer before = Filter.after(at.scratch(), filter.scratchBytes());
      Runnable begin = fused ? null : begin(at, before);
      Runnable run = run(at, Filter.after(before, beforeBytes()));
      return () -> {
        if (lay != null) {
          lay.run();
        }
        if (begin != null) {
          begin.run();
        }
        run.run();
      };
    }

    private Runnable run(Addresses at, Pointer workspace) {
      boolean forward = shape.direction() == Direction.FORWARD;
      Tensor x = forward ? in : out;
      Tensor y = forward ? out : in;
      int extra = fused ? (bias == null ? 0 : 1) + (residual == null ? 0 : 1) : 0;
      long[] names = new long[3 + extra];
      Pointer[] addresses = new Pointer[3 + extra];
      names[0] = Cudnn.X;
      addresses[0] = at.of(x);
      names[1] = Cudnn.W;
      addresses[1] = filter.at(at);
      names[2] = Cudnn.Y;
      addresses[2] = at.of(y);
      int next = 3;
      if (fused && bias != null) {
        names[next] = Cudnn.BIAS;
        addresses[next++] = at.of(bias);
      }
      if (fused && residual != null) {
        names[next] = Cudnn.RESIDUAL;
        addresses[next] = at.of(residual);
      }
      return plan.bind(names, addresses, workspace);
    }

    private Runnable begin(Addresses at, Pointer before) {
      if (bias == null && residual == null) {
        return null;
      }
      int type = out.type().code;
      int rows = out.rows();
      int columns = out.dim(-1);
      long bytes = out.bytes();
      Pointer y = at.of(out);
      Pointer from = at.of(residual);
      FloatPointer b = at.f32(bias);
      if (residual == null) {
        return launches.broadcast(type, b, y, rows, columns);
      }
      if (bias != null) {
        return Launches.inOrder(
            List.of(
                launches.broadcast(type, b, before, rows, columns),
                launches.add(type, from, before, y, out.elements())));
      }
      if (from.address() == y.address()) {
        return null;
      }
      return () ->
          Cuda.check(
              cudaMemcpyAsync(y, from, bytes, cudaMemcpyDeviceToDevice, stream),
              "copying a residual");
    }
  }

  /**
   * Converts dw from cuDNN's layout, [Cout, K, K, Cin], to the published one, without the gradients
   * of the filter's zeros; also computes the column sums of dy.
   */
  private record WeightsKernel(
      Plan plan,
      DType type,
      int side,
      Tensor image,
      Tensor down,
      Tensor dw,
      ColumnSum sum,
      Launches launches)
      implements Kernel {
    private long elements() {
      return (long) dw.dim(0) * dw.dim(1) * side * side;
    }

    /** Whether cuDNN can write the gradient directly to its destination. */
    private boolean isDirect() {
      return side == 1 && type == DType.F32;
    }

    private long writtenBytes() {
      return isDirect() ? 0 : Filter.round(elements() * type.bytes);
    }

    /** One of two f32 buffers for the intermediate steps of the gradient. */
    private long betweenBytes() {
      return side == 1 ? 0 : Filter.round(elements() * Float.BYTES);
    }

    private long sumBytes() {
      return Filter.round(sum.scratchBytes());
    }

    @Override
    public String implementation() {
      return "cuDNN";
    }

    @Override
    public long scratchBytes() {
      return writtenBytes() + 2 * betweenBytes() + sumBytes() + plan.workspaceBytes();
    }

    @Override
    public Runnable bind(Addresses at) {
      Pointer result = at.of(dw);
      Pointer scratch = at.scratch();
      Pointer written = isDirect() ? result : scratch;
      Pointer one = Filter.after(scratch, writtenBytes());
      Pointer two = Filter.after(one, betweenBytes());
      Pointer sums = Filter.after(two, betweenBytes());
      Runnable db = sum.bind(at, sums);
      Runnable run =
          plan.bind(
              new long[] {Cudnn.X, Cudnn.W, Cudnn.Y},
              new Pointer[] {at.of(image), written, at.of(down)},
              Filter.after(sums, sumBytes()));
      Runnable publish = isDirect() ? null : publish(written, one, two, result);
      return () -> {
        run.run();
        if (publish != null) {
          publish.run();
        }
        db.run();
      };
    }

    private Runnable publish(Pointer written, Pointer one, Pointer two, Pointer result) {
      int cout = dw.dim(0);
      int cin = dw.dim(1);
      int k = dw.dim(2);
      int row = side * cin;
      boolean widen = type != DType.F32;
      boolean cut = side > k;
      boolean turn = side > 1;
      Pointer wide = !widen ? written : turn ? one : result;
      List<Runnable> steps = new ArrayList<>();
      if (widen) {
        steps.add(launches.cast(type.code, DType.F32.code, written, wide, elements()));
      }
      if (cut) { // the row of zeros, then the column
        steps.add(launches.without(row, wide, two, cout, k * row));
        steps.add(launches.without(cin, two, one, (long) cout * k, k * cin));
      }
      if (turn) {
        steps.add(launches.transpose(cut ? one : wide, result, cout, k * k, cin));
      }
      return Launches.inOrder(steps);
    }
  }
}
