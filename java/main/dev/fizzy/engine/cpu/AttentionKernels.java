package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.op.Attention;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Attention and its gradients: scratch for as many threads as there are when they are prepared. */
final class AttentionKernels {
  private AttentionKernels() {}

  static void addTo(CpuKernels kernels) {
    kernels.add(Attention.class, Forward::new);
    kernels.add(Attention.Backward.class, Backward::new);
  }

  private static final class Forward implements Kernel {
    private final Attention o;
    private final int slots = Kernels.threads();

    Forward(Attention o) {
      this.o = o;
    }

    @Override
    public long scratchBytes() {
      return Kernels.attention_scratch(o.queries(), o.keys(), o.heads(), o.width(), slots);
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
          Kernels.attention(
              type, q, kv, y, lse, batch, queries, keys, heads, width, scratch, slots);
    }
  }

  private static final class Backward implements Kernel {
    private final Attention.Backward o;
    private final Attention forward;
    private final int slots = Kernels.threads();

    Backward(Attention.Backward o) {
      this.o = o;
      this.forward = o.forward();
    }

    @Override
    public long scratchBytes() {
      return Kernels.attention_backward_scratch(
          forward.queries(), forward.keys(), forward.heads(), forward.width(), slots);
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
          Kernels.attention_backward(
              type, q, kv, y, lse, dy, dq, dkv, batch, queries, keys, heads, width, scratch, slots);
    }
  }
}
