package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Broadcast;
import dev.fizzy.engine.op.Fill;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** One element in, one element out. */
final class ElementwiseKernels {
  private ElementwiseKernels() {}

  static void addTo(CpuKernels kernels) {
    kernels.add(Activation.class, ElementwiseKernels::activation);
    kernels.add(Activation.Backward.class, ElementwiseKernels::activationBackward);
    kernels.add(Add.class, ElementwiseKernels::add);
    kernels.add(Fill.class, ElementwiseKernels::fill);
    kernels.add(Broadcast.class, ElementwiseKernels::broadcast);
  }

  private static Kernel activation(Activation o) {
    int type = o.x().type().code;
    int kind = o.kind().ordinal();
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> Kernels.activation(type, kind, x, y, n);
    };
  }

  private static Kernel activationBackward(Activation.Backward o) {
    int type = o.x().type().code;
    int kind = o.kind().ordinal();
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      return () -> Kernels.activation_backward(type, kind, x, dy, dx, n);
    };
  }

  private static Kernel add(Add o) {
    int type = o.a().type().code;
    long n = o.a().elements();
    return at -> {
      Pointer a = at.of(o.a());
      Pointer b = at.of(o.b());
      Pointer y = at.of(o.y());
      return () -> Kernels.add(type, a, b, y, n);
    };
  }

  private static Kernel fill(Fill o) {
    long n = o.y().elements();
    float value = o.value();
    return at -> {
      FloatPointer y = at.f32(o.y());
      return () -> Kernels.fill_value(y, value, n);
    };
  }

  private static Kernel broadcast(Broadcast o) {
    int type = o.y().type().code;
    int rows = o.y().dim(0);
    int columns = o.y().dim(1);
    return at -> {
      FloatPointer x = at.f32(o.x());
      Pointer y = at.of(o.y());
      return () -> Kernels.broadcast(type, x, y, rows, columns);
    };
  }
}
