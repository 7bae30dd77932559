package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;

/**
 * A kernel of ours.
 *
 * @param implementation the chosen kernel, and why better ones were rejected
 * @param binding creates the call from the addresses
 */
record BackendKernel(String implementation, long scratchBytes, Kernel binding) implements Kernel {
  /** A kernel without scratch, of which the backend has one implementation. */
  static Kernel of(Backend backend, Kernel binding) {
    return new BackendKernel(backend.name().getString(), 0, binding);
  }

  /** A kernel of which the backend has one implementation. */
  static Kernel of(Backend backend, long scratchBytes, Kernel binding) {
    return new BackendKernel(backend.name().getString(), scratchBytes, binding);
  }

  @Override
  public Runnable bind(Addresses at) {
    return binding.bind(at);
  }
}
