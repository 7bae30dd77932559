package dev.fizzy.engine.kernels;

import dev.fizzy.engine.NativeSetup;

/** Superclass of the generated {@code Native}: initialized before the library is loaded. */
public class NativeHelper extends NativeConfig {
  static {
    NativeSetup.prepare();
  }
}
