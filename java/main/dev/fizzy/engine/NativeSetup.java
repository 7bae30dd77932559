package dev.fizzy.engine;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What has to be settled before the first native library is loaded, whoever loads it: the private
 * folder that it is unpacked to, and the environment variables that it reads once.
 */
public final class NativeSetup {
  private static final String TEMPORARY = "java.io.tmpdir";

  static {
    Path cache = CacheFolder.path();
    Path temporary = Path.of(System.getProperty(TEMPORARY));
    if (!Files.isDirectory(temporary) || !Files.isWritable(temporary)) {
      System.setProperty(TEMPORARY, cache.toString());
    }
    // ONNX Runtime sends events to its maker, and keeps a device number, unless this is set.
    Environment.setenv("ORT_DISABLE_TELEMETRY", "1", 1);
    if (System.getenv("OMP_WAIT_POLICY") == null && System.getenv("GOMP_SPINCOUNT") == null) {
      Environment.setenv("OMP_WAIT_POLICY", "passive", 1);
    }
  }

  private NativeSetup() {}

  /** Does it, once a process. To be called by every class that loads native code. */
  public static void prepare() {
    // The class is initialized by now.
  }
}
