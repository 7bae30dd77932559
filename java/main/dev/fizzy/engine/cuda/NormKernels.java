package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.GroupNorm;
import dev.fizzy.engine.op.Softmax;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Group normalisation and softmax. */
final class NormKernels {
  private final Pointer stream;

  private NormKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    NormKernels of = new NormKernels(kernels.stream());
    kernels.add(GroupNorm.class, o -> new GroupNormKernel(o, kernels.stream()));
    kernels.add(GroupNorm.Backward.class, o -> new GroupNormBackwardKernel(o, kernels.stream()));
    kernels.add(Softmax.class, of::softmax);
    kernels.add(Softmax.Backward.class, of::softmaxBackward);
  }

  /** Images, pixels, channels and groups as the kernel counts them. */
  private record Shape(int b, int p, int c, int g, int scaleRows) {
    static Shape of(GroupNorm o) {
      int b = o.x().dim(0);
      Tensor scale = o.scale();
      return new Shape(
          b, o.x().rows() / b, o.x().dim(-1), o.groups(), scale == null ? 0 : scale.dim(0));
    }

    long scratchBytes() {
      return CudaKernels.group_norm_scratch(b, p, c);
    }
  }

  private record GroupNormKernel(GroupNorm o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return Shape.of(o).scratchBytes();
    }

    @Override
    public Runnable bind(Addresses at) {
      Shape n = Shape.of(o);
      int type = o.x().type().code;
      int silu = o.silu() ? 1 : 0;
      Pointer x = at.of(o.x());
      FloatPointer gamma = at.f32(o.gamma());
      FloatPointer beta = at.f32(o.beta());
      Pointer scale = at.of(o.scale());
      Pointer shift = at.of(o.shift());
      Pointer y = at.of(o.y());
      FloatPointer mean = at.f32(o.mean());
      FloatPointer rstd = at.f32(o.rstd());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.group_norm(
              type,
              x,
              gamma,
              beta,
              scale,
              shift,
              n.scaleRows,
              y,
              mean,
              rstd,
              n.b,
              n.p,
              n.c,
              n.g,
              o.eps(),
              silu,
              scratch,
              stream);
    }
  }

  private record GroupNormBackwardKernel(GroupNorm.Backward o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return Shape.of(o.forward()).scratchBytes();
    }

    @Override
    public Runnable bind(Addresses at) {
      GroupNorm f = o.forward();
      Shape n = Shape.of(f);
      int type = f.x().type().code;
      int silu = f.silu() ? 1 : 0;
      Pointer x = at.of(f.x());
      FloatPointer gamma = at.f32(f.gamma());
      FloatPointer beta = at.f32(f.beta());
      Pointer scale = at.of(f.scale());
      Pointer shift = at.of(f.shift());
      FloatPointer mean = at.f32(f.mean());
      FloatPointer rstd = at.f32(f.rstd());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      FloatPointer dgamma = at.f32(o.dgamma());
      FloatPointer dbeta = at.f32(o.dbeta());
      Pointer dscale = at.of(o.dscale());
      Pointer dshift = at.of(o.dshift());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.group_norm_backward(
              type,
              x,
              gamma,
              beta,
              scale,
              shift,
              n.scaleRows,
              mean,
              rstd,
              dy,
              dx,
              dgamma,
              dbeta,
              dscale,
              dshift,
              n.b,
              n.p,
              n.c,
              n.g,
              silu,
              scratch,
              stream);
    }
  }

  private Kernel softmax(Softmax o) {
    int type = o.x().type().code;
    return at -> {
      Pointer x = at.of(o.x());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.softmax(type, x, y, o.x().rows(), o.x().dim(-1), stream);
    };
  }

  private Kernel softmaxBackward(Softmax.Backward o) {
    int type = o.y().type().code;
    return at -> {
      Pointer y = at.of(o.y());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      return () ->
          CudaKernels.softmax_backward(type, y, dy, dx, o.y().rows(), o.y().dim(-1), stream);
    };
  }
}
