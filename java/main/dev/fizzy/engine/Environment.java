package dev.fizzy.engine;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/** The C library's environment, which native libraries read; Java can only read its own copy. */
@Properties(@Platform(value = "linux-x86_64", include = "<stdlib.h>"))
final class Environment {
  static {
    CacheFolder.path();
    Loader.load();
  }

  private Environment() {}

  /** 0, or -1 where the name is malformed or memory is short. */
  @NoException
  static native int setenv(String name, String value, int overwrite);
}
