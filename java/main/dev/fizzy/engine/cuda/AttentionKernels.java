package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.Attention;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Attention and its gradients. */
final class AttentionKernels {
  private AttentionKernels() {}

  static void addTo(CudaOperations kernels) {
    kernels.add(Attention.class, o -> new Forward(o, kernels.stream()));
    kernels.add(Attention.Backward.class, o -> new Backward(o, o.forward(), kernels.stream()));
  }

  private record Forward(Attention o, Pointer stream) implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.attention_scratch(o.batch(), o.queries(), o.keys(), o.heads(), o.width());
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.y().type().code;
      int batch = o.batch();
      int queries = o.queries();
      int keys = o.keys();
      int heads = o.heads();
      int width = o.width();
      Pointer q = at.of(o.q());
      Pointer kv = at.of(o.kv());
      Pointer y = at.of(o.y());
      FloatPointer lse = at.f32(o.logSumExp());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.attention(
              type, q, kv, y, lse, batch, queries, keys, heads, width, scratch, stream);
    }
  }

  private record Backward(Attention.Backward o, Attention forward, Pointer stream)
      implements Kernel {
    @Override
    public long scratchBytes() {
      return CudaKernels.attention_backward_scratch(
          forward.batch(), forward.queries(), forward.keys(), forward.heads(), forward.width());
    }

    @Override
    public Runnable bind(Addresses at) {
      int type = o.dy().type().code;
      int batch = forward.batch();
      int queries = forward.queries();
      int keys = forward.keys();
      int heads = forward.heads();
      int width = forward.width();
      Pointer q = at.of(forward.q());
      Pointer kv = at.of(forward.kv());
      Pointer y = at.of(forward.y());
      FloatPointer lse = at.f32(forward.logSumExp());
      Pointer dy = at.of(o.dy());
      Pointer dq = at.of(o.dq());
      Pointer dkv = at.of(o.dkv());
      Pointer scratch = at.scratch();
      return () ->
          CudaKernels.attention_backward(
              type, q, kv, y, lse, dy, dq, dkv, batch, queries, keys, heads, width, scratch,
              stream);
    }
  }
}
