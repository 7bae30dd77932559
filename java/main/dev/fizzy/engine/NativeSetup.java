package dev.fizzy.engine;

/**
 * Set up before the first native library is loaded: the private folder that libraries are unpacked
 * to, and environment variables that they read once.
 */
public final class NativeSetup {
  static {
    CacheFolder.path();
    // Unless this is set, ONNX Runtime sends telemetry to Microsoft and stores a device id.
    Environment.setenv("ORT_DISABLE_TELEMETRY", "1", 1);
    if (System.getenv("OMP_WAIT_POLICY") == null && System.getenv("GOMP_SPINCOUNT") == null) {
      Environment.setenv("OMP_WAIT_POLICY", "passive", 1);
    }
  }

  private NativeSetup() {}

  /** Runs the setup, once per process. Every class that loads native code must call it. */
  public static void prepare() {
    // The static initializer has done the work.
  }
}
