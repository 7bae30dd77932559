package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.MatrixKernels.ColumnSum;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * dw from cuDNN's, [Cout, K, K, Cin], without the gradients of the filter's zeros; it lies as the
 * filter does. Also computes the column sums of dy.
 */
record WeightsConvolution(
    Plan plan,
    DType type,
    int side,
    Tensor image,
    Tensor down,
    Tensor dw,
    ColumnSum sum,
    Launches launches)
    implements Kernel {
  private boolean isWidened() {
    return type != DType.F32;
  }

  private boolean isCut() {
    return side > dw.dim(2);
  }

  /** Whether cuDNN can write the gradient directly to its destination. */
  private boolean isDirect() {
    return !isWidened() && !isCut();
  }

  private long bytes(int rows, DType type) {
    return Filter.round((long) dw.dim(0) * dw.dim(1) * rows * side * type.bytes);
  }

  private long writtenBytes() {
    return isDirect() ? 0 : bytes(side, type);
  }

  private long widenedBytes() {
    return isWidened() && isCut() ? bytes(side, DType.F32) : 0;
  }

  /** Without the row of zeros. */
  private long betweenBytes() {
    return isCut() ? bytes(dw.dim(2), DType.F32) : 0;
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
    return writtenBytes() + widenedBytes() + betweenBytes() + sumBytes() + plan.workspaceBytes();
  }

  @Override
  public Runnable bind(Addresses at) {
    Pointer result = at.of(dw);
    Pointer written = isDirect() ? result : at.scratch();
    Pointer widened = Filter.after(at.scratch(), writtenBytes());
    Pointer between = Filter.after(widened, widenedBytes());
    Pointer sums = Filter.after(between, betweenBytes());
    List<Runnable> steps = new ArrayList<>();
    steps.add(
        plan.bind(
            new long[] {Cudnn.X, Cudnn.W, Cudnn.Y},
            new Pointer[] {at.of(image), written, at.of(down)},
            Filter.after(sums, sumBytes())));
    Pointer from = written;
    if (isWidened()) {
      Pointer to = isCut() ? widened : result;
      long n = (long) dw.dim(0) * dw.dim(1) * side * side;
      steps.add(launches.cast(type.code, DType.F32.code, written, to, n));
      from = to;
    }
    if (isCut()) { // the row of zeros, then the column
      int cin = dw.dim(1);
      int k = dw.dim(2);
      int row = side * cin;
      steps.add(launches.without(row, from, between, dw.dim(0), k * row));
      steps.add(launches.without(cin, between, result, (long) dw.dim(0) * k, k * cin));
    }
    steps.add(sum.bind(at, sums));
    return Launches.inOrder(steps);
  }
}
