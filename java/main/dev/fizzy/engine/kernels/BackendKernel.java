package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;

/**
 * A kernel of ours.
 *
 * @param implementation what computes it, and why the better kernels were turned down
 * @param binding gives the call, with its addresses
 */
record BackendKernel(String implementation, long scratchBytes, Kernel binding) implements Kernel {
  /** One without scratch, which the backend computes in one way. */
  static Kernel of(Backend backend, Kernel binding) {
    return new BackendKernel(backend.name().getString(), 0, binding);
  }

  /** One that the backend computes in one way. */
  static Kernel of(Backend backend, long scratchBytes, Kernel binding) {
    return new BackendKernel(backend.name().getString(), scratchBytes, binding);
  }

  @Override
  public Runnable bind(Addresses at) {
    return binding.bind(at);
  }
}
