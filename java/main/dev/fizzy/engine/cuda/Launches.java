package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.kernels.Native.Backend;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Launches our kernels before and after those of cuDNN and cuBLASLt. Types are codes of {@link
 * dev.fizzy.engine.DType}.
 */
record Launches(Backend backend) {
  /** y = a + b, [n]. */
  Runnable add(int type, Pointer a, Pointer b, Pointer y, long n) {
    Backend.Add call = new Backend.Add().type(type).a(a).b(b).y(y).n(n);
    return () -> backend.add(call);
  }

  /** Copies x [columns] to every row of y [rows, columns]. */
  Runnable broadcast(int type, FloatPointer x, Pointer y, int rows, int columns) {
    Backend.Broadcast call =
        new Backend.Broadcast().type(type).x(x).y(y).rows(rows).columns(columns);
    return () -> backend.broadcast(call);
  }

  /** Converts x [n] to another type. */
  Runnable cast(int from, int to, Pointer x, Pointer y, long n) {
    Backend.CastType call = new Backend.CastType().from(from).to(to).x(x).y(y).n(n);
    return () -> backend.cast(call);
  }

  /** Puts columns of zeros before x [rows, columns]. */
  Runnable zerosBefore(DType type, int zeros, Pointer x, Pointer y, long rows, int columns) {
    Backend.Concat call =
        new Backend.Concat()
            .type(type.code)
            .b(x)
            .y(y)
            .rows(rows)
            .a_columns(zeros)
            .b_columns(columns);
    return () -> backend.concat(call);
  }

  /** Removes the first {@code cut} columns of f32 x [rows, cut + columns]. */
  Runnable without(int cut, Pointer x, Pointer y, long rows, int columns) {
    Backend.Split call = new Backend.Split().x(x).b(y).rows(rows).a_columns(cut).b_columns(columns);
    return () -> backend.split(call);
  }

  /** PReLU of y [rows, c] in place. */
  Runnable prelu(int type, Pointer y, FloatPointer slope, long rows, int c) {
    Backend.PRelu call = new Backend.PRelu().type(type).x(y).slope(slope).y(y).rows(rows).c(c);
    return () -> backend.prelu(call);
  }

  /** The scratch bytes of a column sum. */
  long columnSumBytes(long rows, long columns) {
    return backend.scratch_bytes(new Backend.ColumnSum().rows(rows).columns(columns));
  }

  /** y [columns] = the sum over the rows of x [rows, columns]. */
  Runnable columnSum(
      int type, Pointer x, FloatPointer y, long rows, long columns, Pointer scratch) {
    Backend.ColumnSum call =
        new Backend.ColumnSum().type(type).x(x).y(y).rows(rows).columns(columns).scratch(scratch);
    return () -> backend.column_sum(call);
  }

  /** Runs the launches in order. */
  static Runnable inOrder(List<Runnable> launches) {
    Runnable[] all = launches.toArray(new Runnable[0]);
    return () -> {
      for (Runnable launch : all) {
        launch.run();
      }
    };
  }
}
