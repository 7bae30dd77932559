package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Broadcast;
import dev.fizzy.engine.op.Fill;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** One element in, one element out. */
final class ElementwiseKernels {
  private final Pointer stream;

  private ElementwiseKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    ElementwiseKernels of = new ElementwiseKernels(kernels.stream());
    kernels.add(Activation.class, of::activation);
    kernels.add(Activation.Backward.class, of::activationBackward);
    kernels.add(Add.class, of::add);
    kernels.add(Fill.class, of::fill);
    kernels.add(Broadcast.class, of::broadcast);
  }

  private Kernel activation(Activation o) {
    int type = o.x().type().code;
    int kind = o.kind().ordinal();
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.activation(type, kind, x, y, n, stream);
    };
  }

  private Kernel activationBackward(Activation.Backward o) {
    int type = o.x().type().code;
    int kind = o.kind().ordinal();
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      return () -> CudaKernels.activation_backward(type, kind, x, dy, dx, n, stream);
    };
  }

  private Kernel add(Add o) {
    int type = o.a().type().code;
    long n = o.a().elements();
    return at -> {
      Pointer a = at.of(o.a());
      Pointer b = at.of(o.b());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.add(type, a, b, y, n, stream);
    };
  }

  private Kernel fill(Fill o) {
    long n = o.y().elements();
    float value = o.value();
    return at -> {
      FloatPointer y = at.f32(o.y());
      return () -> CudaKernels.fill_value(y, value, n, stream);
    };
  }

  private Kernel broadcast(Broadcast o) {
    int type = o.y().type().code;
    int rows = o.y().dim(0);
    int columns = o.y().dim(1);
    return at -> {
      FloatPointer x = at.f32(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.broadcast(type, x, y, rows, columns, stream);
    };
  }
}
