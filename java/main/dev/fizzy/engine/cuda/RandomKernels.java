package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Philox.Purpose;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Dropout;
import dev.fizzy.engine.op.Noise;
import dev.fizzy.engine.op.QSample;
import dev.fizzy.engine.op.SamplerStep;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** Everything that draws random numbers while a program runs. */
final class RandomKernels {
  private final Pointer stream;

  private RandomKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    RandomKernels of = new RandomKernels(kernels.stream());
    kernels.add(Noise.class, of::noise);
    kernels.add(QSample.class, of::qSample);
    kernels.add(ContextDropout.class, of::contextDropout);
    kernels.add(ContextDropout.Backward.class, of::contextDropoutBackward);
    kernels.add(Dropout.class, of::dropout);
    kernels.add(SamplerStep.class, of::samplerStep);
  }

  private static IntPointer integers(Kernel.Addresses at, Tensor t) {
    return new IntPointer(at.of(t));
  }

  private Kernel noise(Noise o) {
    int purpose = Purpose.NOISE.ordinal();
    long batch = o.y().dim(0);
    long n = o.y().elements() / batch;
    return at -> {
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      FloatPointer y = at.f32(o.y());
      return () -> CudaKernels.noise(rows, random, purpose, y, batch, n, stream);
    };
  }

  private Kernel qSample(QSample o) {
    int type = o.xt().type().code;
    int velocity = o.velocity() ? 1 : 0;
    int purpose = Purpose.Q_SAMPLE.ordinal();
    long batch = o.x0().dim(0);
    long n = o.x0().elements() / batch;
    return at -> {
      FloatPointer x0 = at.f32(o.x0());
      FloatPointer alpha = at.f32(o.alpha());
      FloatPointer sigma = at.f32(o.sigma());
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      Pointer xt = at.of(o.xt());
      FloatPointer target = at.f32(o.target());
      return () ->
          CudaKernels.q_sample(
              type, velocity, x0, alpha, sigma, rows, random, purpose, xt, target, batch, n,
              stream);
    };
  }

  private Kernel contextDropout(ContextDropout o) {
    int type = o.context().type().code;
    int purpose = Purpose.CONTEXT_DROPOUT.ordinal();
    int rowPurpose = Purpose.EMPTY_CONTEXT.ordinal();
    float probability = o.probability();
    float whole = o.wholeProbability();
    long batch = o.context().dim(0);
    long width = o.context().dim(1);
    return at -> {
      Pointer context = at.of(o.context());
      FloatPointer empty = at.f32(o.empty());
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      Pointer y = at.of(o.y());
      return () ->
          CudaKernels.context_dropout(
              type,
              context,
              empty,
              probability,
              whole,
              rows,
              random,
              purpose,
              rowPurpose,
              y,
              batch,
              width,
              stream);
    };
  }

  private Kernel contextDropoutBackward(ContextDropout.Backward o) {
    int type = o.dy().type().code;
    int purpose = Purpose.CONTEXT_DROPOUT.ordinal();
    int rowPurpose = Purpose.EMPTY_CONTEXT.ordinal();
    float probability = o.probability();
    float whole = o.wholeProbability();
    long batch = o.dy().dim(0);
    long width = o.dy().dim(1);
    return at -> {
      Pointer dy = at.of(o.dy());
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      Pointer dcontext = at.of(o.dcontext());
      FloatPointer dempty = at.f32(o.dempty());
      return () ->
          CudaKernels.context_dropout_backward(
              type,
              dy,
              probability,
              whole,
              rows,
              random,
              purpose,
              rowPurpose,
              dcontext,
              dempty,
              batch,
              width,
              stream);
    };
  }

  /** The mask of context_dropout without whole rows. */
  private Kernel dropout(Dropout o) {
    int type = o.x().type().code;
    int purpose = Purpose.DROPOUT.ordinal();
    float probability = o.probability();
    long batch = o.x().dim(0);
    long width = o.x().dim(1);
    return at -> {
      Pointer x = at.of(o.x());
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      Pointer y = at.of(o.y());
      return () ->
          CudaKernels.context_dropout(
              type,
              x,
              null,
              probability,
              0,
              rows,
              random,
              purpose,
              purpose,
              y,
              batch,
              width,
              stream);
    };
  }

  private Kernel samplerStep(SamplerStep o) {
    int type = o.prediction().type().code;
    int guided = o.guided() ? 1 : 0;
    int past = o.past();
    int purpose = Purpose.SAMPLER.ordinal();
    int steps = o.coefficients().dim(0);
    long batch = o.x().dim(0);
    long n = o.x().elements() / batch;
    return at -> {
      FloatPointer x = at.f32(o.x());
      Pointer prediction = at.of(o.prediction());
      FloatPointer history = at.f32(o.history());
      FloatPointer coefficients = at.f32(o.coefficients());
      IntPointer step = integers(at, o.step());
      IntPointer rows = integers(at, o.rows());
      IntPointer random = integers(at, o.random());
      return () ->
          CudaKernels.sampler_step(
              type,
              guided,
              x,
              prediction,
              history,
              past,
              coefficients,
              step,
              steps,
              rows,
              random,
              purpose,
              batch,
              n,
              stream);
    };
  }
}
