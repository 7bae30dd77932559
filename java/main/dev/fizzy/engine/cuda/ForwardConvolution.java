package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.Cudnn.Direction;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Computes y from x and weights, and adds bias and residual in one of three ways.
 *
 * @param plan of {@code shape} with what its way adds
 */
record ForwardConvolution(
    Way way,
    Plan plan,
    Shape shape,
    Filter filter,
    Tensor in,
    Tensor bias,
    Tensor residual,
    Tensor out,
    Launches launches,
    CUstream_st stream)
    implements Kernel {

  /** How bias and residual are added. */
  enum Way {
    /** By cuDNN, in the same pass. */
    FUSED("cuDNN, bias and residual fused"),
    /** y is initialized with their sum, and the convolution is added to it. */
    ACCUMULATED("cuDNN, added to bias and residual"),
    /** By our kernels, after the convolution. */
    AFTER("cuDNN, bias and residual added after it"),
    /** There is nothing to add. */
    ALONE("cuDNN");

    private final String implementation;

    Way(String implementation) {
      this.implementation = implementation;
    }
  }

  @Override
  public String implementation() {
    return way.implementation;
  }

  /** In a fused graph of cuDNN no result may overlap an operand. */
  @Override
  public boolean inPlace() {
    return way != Way.FUSED;
  }

  @Override
  public long packedBytes() {
    return filter.packedBytes();
  }

  /** The convolution alone, since y may still hold the residual. */
  private long productBytes() {
    return way == Way.AFTER ? Filter.round(out.bytes()) : 0;
  }

  /** Bias, or bias and residual, in the shape of y. */
  private long addendBytes() {
    boolean both = bias != null && residual != null;
    return way == Way.AFTER && bias != null || way == Way.ACCUMULATED && both
        ? Filter.round(out.bytes())
        : 0;
  }

  @Override
  public long scratchBytes() {
    return filter.scratchBytes() + productBytes() + addendBytes() + plan.workspaceBytes();
  }

  @Override
  public Runnable pack(Addresses at) {
    return filter.packedBytes() == 0 ? null : filter.lay(at);
  }

  @Override
  public Runnable bind(Addresses at) {
    Pointer product = Filter.after(at.scratch(), filter.scratchBytes());
    Pointer addend = Filter.after(product, productBytes());
    Pointer workspace = Filter.after(addend, addendBytes());
    Pointer y = at.of(out);
    List<Runnable> steps = new ArrayList<>();
    if (filter.isCopied() && filter.packedBytes() == 0) {
      steps.add(filter.lay(at));
    }
    switch (way) {
      case FUSED, ALONE -> steps.add(run(at, y, workspace));
      case ACCUMULATED -> {
        initialize(at, addend, y, steps);
        steps.add(run(at, y, workspace));
      }
      case AFTER -> {
        steps.add(run(at, product, workspace));
        addAfter(at, product, addend, y, steps);
      }
    }
    return Launches.inOrder(steps);
  }

  private Runnable run(Addresses at, Pointer result, Pointer workspace) {
    boolean forward = shape.direction() == Direction.FORWARD;
    long[] names = shape.names();
    Pointer[] addresses = new Pointer[names.length];
    for (int i = 0; i < names.length; i++) {
      addresses[i] =
          switch ((int) names[i]) {
            case (int) Cudnn.X -> forward ? at.of(in) : result;
            case (int) Cudnn.W -> filter.at(at);
            case (int) Cudnn.Y -> forward ? result : at.of(in);
            case (int) Cudnn.BIAS -> at.of(bias);
            default -> at.of(residual);
          };
    }
    return plan.bind(names, addresses, workspace);
  }

  private Runnable broadcast(Addresses at, Pointer to) {
    FloatPointer b = at.f32(bias);
    return launches.broadcast(out.type().code, b, to, out.rows(), out.dim(-1));
  }

  private Runnable add(Pointer a, Pointer b, Pointer sum) {
    return launches.add(out.type().code, a, b, sum, out.elements());
  }

  /** y = bias + residual. */
  private void initialize(Addresses at, Pointer addend, Pointer y, List<Runnable> steps) {
    Pointer from = at.of(residual);
    if (residual == null) {
      steps.add(broadcast(at, y));
    } else if (bias != null) {
      steps.add(broadcast(at, addend));
      steps.add(add(from, addend, y));
    } else if (from.address() != y.address()) {
      steps.add(
          () ->
              Cuda.check(
                  cudaMemcpyAsync(y, from, out.bytes(), cudaMemcpyDeviceToDevice, stream),
                  "copying a residual"));
    }
  }

  /** y = product + bias + residual. */
  private void addAfter(
      Addresses at, Pointer product, Pointer addend, Pointer y, List<Runnable> steps) {
    Pointer from = at.of(residual);
    if (bias == null) {
      steps.add(add(product, from, y));
      return;
    }
    steps.add(broadcast(at, addend));
    if (residual != null) {
      steps.add(add(from, addend, addend));
    }
    steps.add(add(product, addend, y));
  }
}
