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
 * Converts dw from cuDNN's layout, [Cout, K, K, Cin], to the published one, without the gradients
 * of the filter's zeros; also computes the column sums of dy.
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
