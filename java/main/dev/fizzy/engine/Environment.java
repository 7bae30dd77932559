package dev.fizzy.engine;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * Sets variables in the C library's environment, which native libraries read; Java sees only a copy
 * of it.
 */
@Properties(@Platform(value = "linux-x86_64", include = "<stdlib.h>"))
final class Environment {
  static {
    CacheFolder.path();
    Loader.load();
  }

  private Environment() {}

  /** Returns 0, or -1 if the name is malformed or memory is exhausted. */
  @NoException
  static native int setenv(String name, String value, int overwrite);
}
