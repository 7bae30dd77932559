package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.TimestepEmbedding;
import dev.fizzy.engine.op.VectorQuantize;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** Between numbers and codes: vector quantisation, and the embedding of times. */
final class QuantizeKernels {
  private final Pointer stream;

  private QuantizeKernels(Pointer stream) {
    this.stream = stream;
  }

  static void addTo(CudaOperations kernels) {
    QuantizeKernels of = new QuantizeKernels(kernels.stream());
    kernels.add(VectorQuantize.class, o -> new Forward(o, kernels.stream()));
    kernels.add(VectorQuantize.Backward.class, of::backward);
    kernels.add(TimestepEmbedding.class, of::timestepEmbedding);
  }

  private static final class Forward implements Kernel {
    private final VectorQuantize o;
    private final Pointer stream;

    Forward(VectorQuantize o, Pointer stream) {
      this.o = o;
      this.stream = stream;
    }

    @Override
    public long scratchBytes() {
      return CudaKernels.vector_quantize_scratch(
          o.z().rows(), o.codebook().dim(0), o.codebook().dim(1));
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.z().type().code;
      long positions = o.z().rows();
      int codes = o.codebook().dim(0);
      int width = o.codebook().dim(1);
      float beta = o.beta();
      Pointer z = at.of(o.z());
      FloatPointer codebook = at.f32(o.codebook());
      Pointer quantised = at.of(o.quantised());
      IntPointer indices = new IntPointer(at.of(o.indices()));
      FloatPointer loss = at.f32(o.loss());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.vector_quantize(
              type, z, codebook, quantised, indices, loss, beta, positions, codes, width, scratch,
              stream);
    }
  }

  private Kernel backward(VectorQuantize.Backward o) {
    VectorQuantize forward = o.forward();
    int type = forward.z().type().code;
    long positions = forward.z().rows();
    int codes = forward.codebook().dim(0);
    int width = forward.codebook().dim(1);
    float beta = forward.beta();
    return at -> {
      Pointer z = at.of(forward.z());
      FloatPointer codebook = at.f32(forward.codebook());
      IntPointer indices = new IntPointer(at.of(forward.indices()));
      Pointer dquantised = at.of(o.dquantised());
      FloatPointer dloss = at.f32(o.dloss());
      Pointer dz = at.of(o.dz());
      FloatPointer dcodebook = at.f32(o.dcodebook());
      return () ->
          CudaKernels.vector_quantize_backward(
              type,
              z,
              codebook,
              indices,
              dquantised,
              dloss,
              dz,
              dcodebook,
              beta,
              positions,
              codes,
              width,
              stream);
    };
  }

  private Kernel timestepEmbedding(TimestepEmbedding o) {
    int type = o.y().type().code;
    int batch = o.y().dim(0);
    int width = o.y().dim(1);
    return at -> {
      FloatPointer t = at.f32(o.t());
      Pointer y = at.of(o.y());
      return () -> CudaKernels.timestep_embedding(type, t, y, batch, width, stream);
    };
  }
}
