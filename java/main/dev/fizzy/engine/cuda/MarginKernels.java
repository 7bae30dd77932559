package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.op.Margin;
import dev.fizzy.engine.op.MarginSoftmax;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** The loss of a recognizer. */
final class MarginKernels {
  private final Pointer stream;

  private MarginKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    MarginKernels of = new MarginKernels(kernels.stream());
    kernels.add(Margin.class, of::margin);
    kernels.add(MarginSoftmax.class, o -> new SoftmaxKernel(o, kernels.stream()));
    kernels.add(MarginSoftmax.Backward.class, of::backward);
  }

  private Kernel margin(Margin o) {
    long batch = o.margins().dim(0);
    if (o.kind() instanceof Margin.Adaptive k) {
      return at -> {
        FloatPointer norms = at.f32(o.norms());
        FloatPointer mean = at.f32(o.state().mean());
        FloatPointer deviation = at.f32(o.state().deviation());
        FloatPointer margins = at.f32(o.margins());
        return () ->
            CudaKernels.margin_adaptive(
                norms, mean, deviation, k.margin(), k.h(), k.rate(), margins, batch, stream);
      };
    }
    Margin.Elastic k = (Margin.Elastic) o.kind();
    int purpose = Purpose.MARGIN.ordinal();
    boolean drawn = o.rows() != null; // else the deviation is 0 and neither is read
    return at -> {
      IntPointer rows = drawn ? new IntPointer(at.of(o.rows())) : null;
      IntPointer random = drawn ? new IntPointer(at.of(o.random())) : null;
      FloatPointer margins = at.f32(o.margins());
      return () ->
          CudaKernels.margin_elastic(
              rows,
              random,
              purpose,
              k.angular(),
              k.additive(),
              k.deviation(),
              margins,
              batch,
              stream);
    };
  }

  private record SoftmaxKernel(MarginSoftmax o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.margin_softmax_scratch(o.cosines().dim(0));
    }

    @Override
    public Runnable bind(Addresses at) {
      long b = o.cosines().dim(0);
      long n = o.cosines().dim(1);
      FloatPointer cosines = at.f32(o.cosines());
      IntPointer labels = new IntPointer(at.of(o.labels()));
      FloatPointer margins = at.f32(o.margins());
      FloatPointer loss = at.f32(o.loss());
      FloatPointer accuracy = at.f32(o.accuracy());
      FloatPointer lse = at.f32(o.lse());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.margin_softmax(
              cosines, labels, margins, o.scale(), loss, accuracy, lse, b, n, scratch, stream);
    }
  }

  private Kernel backward(MarginSoftmax.Backward o) {
    MarginSoftmax f = o.forward();
    long b = f.cosines().dim(0);
    long n = f.cosines().dim(1);
    return at -> {
      FloatPointer cosines = at.f32(f.cosines());
      IntPointer labels = new IntPointer(at.of(f.labels()));
      FloatPointer margins = at.f32(f.margins());
      FloatPointer lse = at.f32(f.lse());
      FloatPointer dloss = at.f32(o.dloss());
      FloatPointer dcosines = at.f32(o.dcosines());
      return () ->
          CudaKernels.margin_softmax_backward(
              cosines, labels, margins, f.scale(), lse, dloss, dcosines, b, n, stream);
    };
  }
}
