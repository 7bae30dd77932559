package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.op.Margin;
import dev.fizzy.engine.op.MarginSoftmax;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** The loss of a recognizer. */
final class MarginKernels {
  private MarginKernels() {}

  static void addTo(CpuKernels kernels) {
    kernels.add(Margin.class, MarginKernels::margin);
    kernels.add(MarginSoftmax.class, SoftmaxKernel::new);
    kernels.add(MarginSoftmax.Backward.class, MarginKernels::backward);
  }

  private static Kernel margin(Margin o) {
    long batch = o.margins().dim(0);
    if (o.kind() instanceof Margin.Adaptive k) {
      return at -> {
        FloatPointer norms = at.f32(o.norms());
        FloatPointer mean = at.f32(o.state().mean());
        FloatPointer deviation = at.f32(o.state().deviation());
        FloatPointer margins = at.f32(o.margins());
        return () ->
            Kernels.margin_adaptive(
                norms, mean, deviation, k.margin(), k.h(), k.rate(), margins, batch);
      };
    }
    Margin.Elastic k = (Margin.Elastic) o.kind();
    int purpose = Purpose.MARGIN.ordinal();
    boolean drawn = o.rows() != null;
    return at -> {
      IntPointer rows = drawn ? new IntPointer(at.of(o.rows())) : new IntPointer(0, 0);
      IntPointer random = drawn ? new IntPointer(at.of(o.random())) : new IntPointer(0, 0, 0, 0);
      FloatPointer margins = at.f32(o.margins());
      return () ->
          Kernels.margin_elastic(
              rows, random, purpose, k.angular(), k.additive(), k.deviation(), margins, batch);
    };
  }

  private record SoftmaxKernel(MarginSoftmax o) implements Kernel {
    @Override
    public long scratchBytes() {
      return Kernels.margin_softmax_scratch(o.cosines().dim(0));
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
          Kernels.margin_softmax(
              cosines, labels, margins, o.scale(), loss, accuracy, lse, b, n, scratch);
    }
  }

  private static Kernel backward(MarginSoftmax.Backward o) {
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
          Kernels.margin_softmax_backward(
              cosines, labels, margins, f.scale(), lse, dloss, dcosines, b, n);
    };
  }
}
