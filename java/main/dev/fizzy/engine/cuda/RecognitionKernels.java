package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.BatchNorm;
import dev.fizzy.engine.op.FoldBatchNorm;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.PRelu;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** What recognizers need beyond convolutions: batch normalisation, PReLU, normalised rows. */
final class RecognitionKernels {
  private final Pointer stream;

  private RecognitionKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    RecognitionKernels of = new RecognitionKernels(kernels.stream());
    kernels.add(BatchNorm.class, o -> new BatchNormKernel(o, kernels.stream()));
    kernels.add(BatchNorm.Backward.class, o -> new BatchNormBackwardKernel(o, kernels.stream()));
    kernels.add(FoldBatchNorm.class, of::foldBatchNorm);
    kernels.add(PRelu.class, of::prelu);
    kernels.add(PRelu.Backward.class, o -> new PReluBackwardKernel(o, kernels.stream()));
    kernels.add(L2Normalize.class, of::l2Normalize);
    kernels.add(L2Normalize.Backward.class, of::l2NormalizeBackward);
  }

  private record BatchNormKernel(BatchNorm o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.batch_norm_scratch(o.x().rows(), o.x().dim(-1));
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.x().type().code;
      long rows = o.x().rows();
      int c = o.x().dim(-1);
      float eps = o.eps();
      Pointer x = at.of(o.x());
      FloatPointer gamma = at.f32(o.gamma());
      FloatPointer beta = at.f32(o.beta());
      FloatPointer slope = at.f32(o.slope());
      Pointer residual = at.of(o.residual());
      Pointer y = at.of(o.y());
      FloatPointer mean = at.f32(o.mean());
      FloatPointer rstd = at.f32(o.rstd());
      FloatPointer runningMean = at.f32(o.running().mean());
      FloatPointer runningVariance = at.f32(o.running().variance());
      Pointer scratch = at.scratch();
      if (!o.training()) {
        return () ->
            CudaKernels.batch_norm_inference(
                type,
                x,
                gamma,
                beta,
                slope,
                residual,
                y,
                mean,
                rstd,
                runningMean,
                runningVariance,
                rows,
                c,
                eps,
                scratch,
                stream);
      }
      return () ->
          CudaKernels.batch_norm(
              type,
              x,
              gamma,
              beta,
              slope,
              residual,
              y,
              mean,
              rstd,
              runningMean,
              runningVariance,
              rows,
              c,
              eps,
              BatchNorm.MOMENTUM,
              scratch,
              stream);
    }
  }

  private record BatchNormBackwardKernel(BatchNorm.Backward o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.batch_norm_scratch(o.dy().rows(), o.dy().dim(-1));
    }

    @Override
    public Runnable bind(Addresses at) {
      BatchNorm f = o.forward();
      int type = f.x().type().code;
      long rows = f.x().rows();
      int c = f.x().dim(-1);
      Pointer x = at.of(f.x());
      FloatPointer gamma = at.f32(f.gamma());
      FloatPointer beta = at.f32(f.beta());
      FloatPointer slope = at.f32(f.slope());
      FloatPointer mean = at.f32(f.mean());
      FloatPointer rstd = at.f32(f.rstd());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      FloatPointer dgamma = at.f32(o.dgamma());
      FloatPointer dbeta = at.f32(o.dbeta());
      FloatPointer dslope = at.f32(o.dslope());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.batch_norm_backward(
              type, x, gamma, beta, slope, mean, rstd, dy, dx, dgamma, dbeta, dslope, rows, c,
              scratch, stream);
    }
  }

  private Kernel foldBatchNorm(FoldBatchNorm o) {
    FoldBatchNorm.Norm before = o.before();
    FoldBatchNorm.Norm after = o.after();
    long n = o.w().dim(0);
    long row = o.w().elements() / n;
    long c = before == null ? row : before.gamma().elements();
    float eps = before == null ? after == null ? 0 : after.eps() : before.eps();
    return at -> {
      FloatPointer w = at.f32(o.w());
      FloatPointer bias = at.f32(o.bias());
      FloatPointer[] b = norm(at, before);
      FloatPointer[] a = norm(at, after);
      FloatPointer weights = at.f32(o.weights());
      FloatPointer shift = at.f32(o.shift());
      return () ->
          CudaKernels.fold_batch_norm(
              w, bias, b[0], b[1], b[2], b[3], a[0], a[1], a[2], a[3], weights, shift, n, c,
              row / c, eps, stream);
    };
  }

  private static FloatPointer[] norm(Kernel.Addresses at, FoldBatchNorm.Norm n) {
    if (n == null) {
      return new FloatPointer[4];
    }
    return new FloatPointer[] {
      at.f32(n.gamma()),
      at.f32(n.beta()),
      at.f32(n.running().mean()),
      at.f32(n.running().variance())
    };
  }

  private Kernel prelu(PRelu o) {
    int type = o.x().type().code;
    long rows = o.x().rows();
    int c = o.x().dim(-1);
    return at -> {
      Pointer x = at.of(o.x());
      FloatPointer slope = at.f32(o.slope());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.prelu(type, x, slope, y, rows, c, stream);
    };
  }

  private record PReluBackwardKernel(PRelu.Backward o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.prelu_scratch(o.x().rows(), o.x().dim(-1));
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.x().type().code;
      long rows = o.x().rows();
      int c = o.x().dim(-1);
      Pointer x = at.of(o.x());
      FloatPointer slope = at.f32(o.slope());
      Pointer dy = at.of(o.dy());
      Pointer dx = at.of(o.dx());
      FloatPointer dslope = at.f32(o.dslope());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.prelu_backward(type, x, slope, dy, dx, dslope, rows, c, scratch, stream);
    }
  }

  private Kernel l2Normalize(L2Normalize o) {
    long rows = o.x().dim(0);
    int c = o.x().dim(1);
    return at -> {
      FloatPointer x = at.f32(o.x());
      FloatPointer y = at.f32(o.y());
      FloatPointer norm = at.f32(o.norm());
      return () -> CudaKernels.l2_normalize(x, y, norm, rows, c, stream);
    };
  }

  private Kernel l2NormalizeBackward(L2Normalize.Backward o) {
    long rows = o.y().dim(0);
    int c = o.y().dim(1);
    return at -> {
      FloatPointer y = at.f32(o.y());
      FloatPointer norm = at.f32(o.norm());
      FloatPointer dy = at.f32(o.dy());
      FloatPointer dx = at.f32(o.dx());
      return () -> CudaKernels.l2_normalize_backward(y, norm, dy, dx, rows, c, stream);
    };
  }
}
