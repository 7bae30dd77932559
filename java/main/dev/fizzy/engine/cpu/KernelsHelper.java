package dev.fizzy.engine.cpu;

import dev.fizzy.engine.NativeSetup;

/** Superclass of the generated {@code Kernels}: initialized before the library is loaded. */
public class KernelsHelper extends KernelsConfig {
  static {
    NativeSetup.prepare();
  }
}
