package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Concat;
import dev.fizzy.engine.op.Duplicate;
import dev.fizzy.engine.op.MaxPool;
import dev.fizzy.engine.op.Split;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.engine.op.Upsample;
import org.bytedeco.javacpp.Pointer;

/** Elements change their place or their type. */
final class ShapeKernels {
  private final Pointer stream;

  private ShapeKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    ShapeKernels of = new ShapeKernels(kernels.stream());
    kernels.add(Concat.class, of::concat);
    kernels.add(Split.class, of::split);
    kernels.add(Upsample.class, of::upsample);
    kernels.add(Upsample.Backward.class, of::upsampleBackward);
    kernels.add(MaxPool.class, of::maxPool);
    kernels.add(Transpose.class, of::transpose);
    kernels.add(Cast.class, of::cast);
    kernels.add(Duplicate.class, of::duplicate);
  }

  private Kernel concat(Concat o) {
    Tensor y = o.y();
    int type = y.type().code;
    int rows = y.rows();
    int left = o.a() == null ? y.dim(-1) - o.b().dim(-1) : o.a().dim(-1);
    int right = y.dim(-1) - left;
    return at -> {
      Pointer a = at.of(o.a());
      Pointer b = at.of(o.b());
      Pointer to = at.of(y);
      return () -> CudaKernels.concat(type, a, b, to, rows, left, right, stream);
    };
  }

  private Kernel split(Split o) {
    int type = o.x().type().code;
    int rows = o.x().rows();
    int left = o.first();
    int right = o.x().dim(-1) - left;
    return at -> {
      Pointer x = at.of(o.x());
      Pointer a = at.of(o.a());
      Pointer b = at.of(o.b());
      return () -> CudaKernels.split(type, x, a, b, rows, left, right, stream);
    };
  }

  private Kernel upsample(Upsample o) {
    int[] s = o.x().shape();
    int type = o.x().type().code;
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.upsample(type, x, y, s[0], s[1], s[2], s[3], stream);
    };
  }

  private Kernel upsampleBackward(Upsample.Backward o) {
    int[] s = o.dx().shape();
    int type = o.dx().type().code;
    return at -> {
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      return () -> CudaKernels.upsample_backward(type, dy, dx, s[0], s[1], s[2], s[3], stream);
    };
  }

  private Kernel maxPool(MaxPool o) {
    int[] s = o.x().shape();
    int type = o.x().type().code;
    int ceil = o.ceil() ? 1 : 0;
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () ->
          CudaKernels.max_pool(type, x, y, s[0], s[1], s[2], s[3], o.k(), o.stride(), ceil, stream);
    };
  }

  private Kernel transpose(Transpose o) {
    int[] s = o.x().shape();
    int type = o.x().type().code;
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.transpose(type, x, y, s[0], s[1], s[2], stream);
    };
  }

  private Kernel cast(Cast o) {
    int from = o.x().type().code;
    int to = o.y().type().code;
    long n = o.x().elements();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.cast(from, to, x, y, n, stream);
    };
  }

  private Kernel duplicate(Duplicate o) {
    long bytes = o.x().bytes();
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.duplicate(x, y, bytes, stream);
    };
  }
}
