package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.Cudnn.Direction;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import java.util.List;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Computes y from x and weights. If fused, cuDNN adds bias and residual; otherwise y is initialized
 * with their sum, and the convolution is added to it.
 */
record ForwardConvolution(
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
