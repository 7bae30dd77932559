package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.Attention;

/** {@link Attention} and its gradient; scratch is for the number of threads at preparation. */
final class AttentionKernel {
  private AttentionKernel() {}

  static Kernel of(Backend backend, Attention o) {
    Backend.Attention sizes = sizes(o);
    int threads = sizes.threads();
    return new BackendKernel(
        backend.implementation(sizes).getString(),
        backend.scratch_bytes(sizes),
        at -> {
          Backend.Attention call = call(o, threads, at);
          return () -> backend.attention(call);
        });
  }

  static Kernel of(Backend backend, Attention.Backward o) {
    Backend.AttentionBackward sizes = new Backend.AttentionBackward().forward(sizes(o.forward()));
    int threads = sizes.forward().threads();
    return new BackendKernel(
        backend.implementation(sizes).getString(),
        backend.scratch_bytes(sizes),
        at -> {
          Backend.AttentionBackward call =
              new Backend.AttentionBackward()
                  .forward(call(o.forward(), threads, at))
                  .dy(at.of(o.dy()))
                  .dq(at.of(o.dq()))
                  .dkv(at.of(o.dkv()));
          return () -> backend.attention_backward(call);
        });
  }

  private static Backend.Attention sizes(Attention o) {
    return new Backend.Attention()
        .type(o.y().type().code)
        .batch(o.batch())
        .queries(o.queries())
        .keys(o.keys())
        .heads(o.heads())
        .width(o.width())
        .causal(o.causal())
        .threads(Native.threads());
  }

  private static Backend.Attention call(Attention o, int threads, Kernel.Addresses at) {
    return sizes(o)
        .threads(threads)
        .q(at.of(o.q()))
        .kv(at.of(o.kv()))
        .y(at.of(o.y()))
        .lse(at.f32(o.logSumExp()))
        .scratch(at.scratch());
  }
}
